import { useEffect, useSyncExternalStore } from "react";

import type { Shapes } from "@/masks/shapes";
import { clock, secondsAt } from "@/player/timeline";

import styles from "./ContactSheet.module.css";
import { lookOf } from "./looks";
import { mostDoubtful, sheetFrames } from "./sheet";
import { Snapshot } from "./Snapshot";
import type { Looking } from "./useLooking";

const MOST = 14;
const WIDTH = 240;

/** The whole masklet at one look, or what is likely wrong first. A frame goes to that frame. */
export function ContactSheet({ looking, shapes }: { looking: Looking; shapes: Shapes }) {
  const { footage, masks, lane, colour, look, byDoubt } = looking;
  const { frames, player, timeline } = footage;
  const { frame } = useSyncExternalStore(player.subscribe, player.read);
  const wanted = lane.places.map(({ frame_idx }) => frame_idx);
  const inTime = sheetFrames(timeline.count, MOST, wanted);
  const chosen = byDoubt ? mostDoubtful(inTime, wanted, MOST) : inTime;
  const list = chosen.join(" ");
  useEffect(() => frames.pin(list.split(" ").map(Number)), [frames, list]);
  const nearest = inTime.reduce((best, j) => (j <= frame ? j : best), 0);
  return (
    <ol className={styles.sheet} aria-label="Contact sheet">
      {chosen.map((j) => {
        const doubt = lane.doubts.get(j);
        const mask = masks.frames[String(j)];
        return (
          <li key={j}>
            <button
              type="button"
              className={styles.frame}
              aria-label={`Frame ${j + 1}, ${clock(secondsAt(timeline, j))}${doubt ? `, look here: ${doubt}` : ""}`}
              aria-current={j === nearest || undefined}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => player.goTo(j)}
            >
              <Snapshot
                footage={footage}
                shapes={shapes}
                frame={j}
                width={WIDTH}
                className={styles.thumb}
                mask={mask && { size: masks.size, counts: mask.counts }}
                // Shown at about half its size: lines are drawn twice as wide.
                look={{ ...lookOf(look, colour, lane, j), outline: 3 }}
              />
              <span className={styles.number}>
                {doubt && <span className={styles.doubt}>look</span>}
                {j + 1}
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
