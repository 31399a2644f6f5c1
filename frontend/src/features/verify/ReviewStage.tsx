import { PlugZap } from "lucide-react";
import { useSyncExternalStore } from "react";

import type { Mark } from "@/canvas/Marks";
import { Stage, type StageMask } from "@/canvas/Stage";
import type { Shapes } from "@/masks/shapes";
import { Button } from "@/ui";

import { Before } from "./Before";
import { around, MOST_STROKES } from "./drafts";
import { lookOf } from "./looks";
import styles from "./ReviewDesk.module.css";

import type { Looking } from "./useLooking";
import type { VerdictForm } from "./useVerdictForm";

export interface ReviewStageProps {
  looking: Looking;
  shapes: Shapes;
  form: VerdictForm;
  lost: boolean;
  onReopen: () => void;
}

/** The picture with the masklet on it, and beside it what was sent back before. */
export function ReviewStage({ looking, shapes, form, lost, onReopen }: ReviewStageProps) {
  const { footage, frames, masks, lane, colour, hidden, look, before, previous } = looking;
  const { frame } = useSyncExternalStore(footage.player.subscribe, footage.player.read);
  const mask = frames.get(frame);
  const layers: StageMask[] =
    mask && !hidden
      ? [{ rle: { size: masks.size, counts: mask.counts }, look: lookOf(look, colour, lane, frame) }]
      : [];
  const pin = form.pins.find(({ frame_idx }) => frame_idx === frame);
  const marks: Mark[] = (pin?.strokes ?? []).map((points, n) => ({
    key: n,
    state: "saved",
    kind: "stroke",
    points: points as [number, number][],
  }));
  return (
    <div className={styles.pictures} data-beside={before || undefined}>
      <Stage
        footage={footage}
        shapes={shapes}
        masks={layers}
        marks={marks}
        handle={looking.setStage}
        label={`Frame ${frame + 1} of ${footage.timeline.count}`}
        onBox={(box) => {
          footage.player.pause();
          form.pin(frame, (was) => ({ ...was, strokes: [...was.strokes, around(box)].slice(-MOST_STROKES) }));
        }}
      >
        {lost && (
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
      {before && previous && <Before looking={looking} previous={previous} shapes={shapes} frame={frame} />}
    </div>
  );
}
