import type { PreviousReview } from "@/api/models";
import { SELECTED } from "@/masks/draw";
import type { Shapes } from "@/masks/shapes";

import styles from "./ReviewDesk.module.css";
import { Snapshot } from "./Snapshot";
import type { Looking } from "./useLooking";

export interface BeforeProps {
  looking: Looking;
  previous: PreviousReview;
  shapes: Shapes;
  frame: number;
}

/** The same frame as it was sent back, with what was said about it. */
export function Before({ looking, previous, shapes, frame }: BeforeProps) {
  const { footage, colour } = looking;
  const mask = previous.masks.frames[String(frame)];
  return (
    <figure className={styles.beside}>
      <Snapshot
        footage={footage}
        shapes={shapes}
        frame={frame}
        width={640}
        mask={mask && { size: previous.masks.size, counts: mask.counts }}
        look={{ ...SELECTED, colour, doubtful: false }}
      />
      <figcaption>
        <strong>Before: {previous.verdict}</strong> {previous.comment}
      </figcaption>
    </figure>
  );
}
