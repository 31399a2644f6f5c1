import { PlugZap } from "lucide-react";

import type { MaskSet } from "@/api/models";
import { Stage, type StageHandle, type StageMask } from "@/canvas/Stage";
import { SELECTED } from "@/masks/draw";
import type { Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";
import { Button } from "@/ui";

import styles from "./ReviewDesk.module.css";
import type { ReviewState } from "./useReview";

export interface ReviewPictureProps {
  footage: Footage;
  shapes: Shapes;
  masks: MaskSet;
  state: ReviewState;
  onStage: (stage: StageHandle | null) => void;
  onReopen: () => void;
}

/** The frame on show with the mask, and what is to be said over it. */
export function ReviewPicture({ footage, shapes, masks, state, onStage, onReopen }: ReviewPictureProps) {
  const { frame, frames, lane, colour, hidden, lease } = state;
  const mask = frames.get(frame);
  const look = { ...SELECTED, colour, doubtful: lane.doubts.has(frame) };
  const layers: StageMask[] =
    mask && !hidden ? [{ rle: { size: masks.size, counts: mask.counts }, look }] : [];
  return (
    <Stage
      footage={footage}
      shapes={shapes}
      masks={layers}
      handle={onStage}
      label={`Frame ${frame + 1} of ${footage.timeline.count}`}
    >
      {lease.lost && (
        <div className={styles.banner} role="alert">
          <PlugZap size={18} aria-hidden />
          <p>
            <strong>You no longer hold this masklet.</strong> No verdict was given. Claim it again to go on.
          </p>
          <Button small variant="primary" onClick={onReopen}>
            Claim again
          </Button>
        </div>
      )}
      {hidden && <p className={styles.aside}>The mask is hidden. Press H to show it.</p>}
    </Stage>
  );
}
