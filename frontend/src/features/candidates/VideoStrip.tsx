import { useEffect, useRef } from "react";

import type { Id, Video } from "@/api/models";
import { Button, Thumbnail } from "@/ui";

import styles from "./VideoStrip.module.css";

export interface VideoStripProps {
  videos: readonly Video[];
  chosen: Id;
  onChoose: (id: Id) => void;
  more: (() => void) | undefined;
}

/** The videos side by side; how many candidates wait for a verdict stands below each. */
export function VideoStrip({ videos, chosen, onChoose, more }: VideoStripProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }, [chosen]);
  return (
    <ul className={styles.strip} aria-label="Videos" ref={list}>
      {videos.map(({ id, name, thumbnail_url: url, masklet_counts: counts }) => (
        <li key={id}>
          <button
            type="button"
            className={styles.video}
            aria-current={id === chosen || undefined}
            onClick={() => onChoose(id)}
          >
            <Thumbnail url={url} />
            <span className={styles.name}>{name}</span>
            <span className={styles.count}>
              {counts.in_verification
                ? `${counts.in_verification} to verify`
                : counts.accepted
                  ? `${counts.accepted} accepted`
                  : "nothing yet"}
            </span>
          </button>
        </li>
      ))}
      {more && (
        <li className={styles.more}>
          <Button small onClick={more}>
            More
          </Button>
        </li>
      )}
    </ul>
  );
}
