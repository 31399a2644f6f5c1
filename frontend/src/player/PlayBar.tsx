import { Pause, Play } from "lucide-react";
import { useSyncExternalStore, type ReactNode } from "react";

import { IconButton } from "@/ui";

import type { Footage } from "./footage";
import styles from "./PlayBar.module.css";
import { clock, secondsAt } from "./timeline";

export const RATES = [0.25, 0.5, 1, 2, 4];

/** Play, where one stands, and how fast; `children` stand in the middle. */
export function PlayBar({ footage, children }: { footage: Footage; children?: ReactNode }) {
  const { player, timeline } = footage;
  const { frame, playing, rate } = useSyncExternalStore(player.subscribe, player.read);
  const faster = RATES[(RATES.indexOf(rate) + 1) % RATES.length] ?? 1;
  return (
    <div className={styles.bar}>
      <IconButton
        icon={playing ? Pause : Play}
        label={playing ? "Pause" : "Play"}
        shortcut="Space"
        side="top"
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => player.toggle()}
      />
      <span className={styles.clock}>{clock(secondsAt(timeline, frame))}</span>
      <span className={styles.frame}>
        frame <strong>{frame + 1}</strong> / {timeline.count}
      </span>
      <div className={styles.middle}>{children}</div>
      <button
        type="button"
        className={styles.rate}
        aria-label={`Speed ${rate} ×. Change to ${faster} ×`}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => player.setRate(faster)}
      >
        {rate}×
      </button>
      <span className={styles.fps}>{Math.round(timeline.fps * 100) / 100} fps</span>
    </div>
  );
}
