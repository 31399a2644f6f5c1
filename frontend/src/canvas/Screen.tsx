import { useCallback, type CSSProperties } from "react";

import type { Footage } from "@/player/footage";

import styles from "./Stage.module.css";

/** The video, seen while it moves. */
export function Screen({ footage, style }: { footage: Footage; style: CSSProperties }) {
  const { player, video } = footage;
  const screen = useCallback(
    (element: HTMLVideoElement) => {
      player.show(element);
      return () => player.show(null);
    },
    [player],
  );
  if (!video.proxy_url) return null;
  return (
    <video
      ref={screen}
      className={styles.video}
      style={style}
      src={video.proxy_url}
      preload="auto"
      muted
      playsInline
      aria-hidden
      tabIndex={-1}
      onEnded={(event) => player.ended(event.currentTarget)}
      onError={(event) => player.broke(event.currentTarget)}
    />
  );
}
