import type { RefObject } from "react";

import type { Pin, Target } from "@/api/models";
import { Stage, type Brush, type StageHandle } from "@/canvas/Stage";
import type { Point } from "@/canvas/view";
import type { Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";

import { locked, type Desk } from "./desk";
import styles from "./Desk.module.css";
import type { EffortMeter } from "./effortMeter";
import { LeaseLostNote, TroubleNote } from "./Notes";
import { isMarkedAbsent, underTheBrush } from "./prompting";
import { marksOn, masksOn, ownLook } from "./scene";
import type { Prompting } from "./useCommands";
import type { Change } from "./useDesk";
import type { Other } from "./useOthers";
import { strokesOn } from "./usePins";
import type { Workbench } from "./workbench";

export interface PictureProps {
  bench: Workbench;
  footage: Footage;
  shapes: Shapes;
  desk: Desk;
  change: Change;
  prompting: Prompting;
  meter: RefObject<EffortMeter | null>;
  others: readonly Other[];
  target: Target | null;
  /** What reviewers pinned. */
  pins: readonly Pin[];
  onStage: (stage: StageHandle | null) => void;
}

/** The frame on show: its masks and marks, what the pointer does to it, and what is to be said over it. */
export function Picture(props: PictureProps) {
  const { bench, footage, shapes, desk, change, prompting, others, target, pins, onStage } = props;
  const { work, unsent, hidden, tool } = desk;
  const { frame } = desk.player;
  const editable = locked(desk) === null;
  const pointing = editable && {
    onClick: ([x, y]: Point, positive: boolean) =>
      prompting.prompt({ frame_idx: frame, kind: "click", x, y, positive }),
    onBox: (box: [number, number, number, number]) => {
      prompting.prompt({ frame_idx: frame, kind: "box", box });
      change.setTool("point");
    },
  };
  return (
    <Stage
      footage={footage}
      shapes={shapes}
      masks={hidden ? [] : masksOn(frame, desk, others, target)}
      marks={hidden ? [] : [...marksOn(frame, work.prompts, unsent), ...strokesOn(frame, pins)]}
      tool={tool}
      handle={onStage}
      label={`Frame ${frame + 1} of ${desk.count}`}
      {...pointing}
      brush={editable && !hidden ? brushOf(props) : undefined}
    >
      {work.leaseLost && <LeaseLostNote bench={bench} masklet={work.masklet} unsent={unsent.length} />}
      {work.trouble && <TroubleNote trouble={work.trouble} onDismiss={() => bench.dismiss()} />}
      {prompting.refused !== null && (
        <p className={styles.aside} role="status">
          {prompting.refused}
        </p>
      )}
      {isMarkedAbsent(desk) && <p className={styles.aside}>The object is marked absent on this frame.</p>}
      {hidden && <p className={styles.aside}>Masks are hidden. Press H to show them.</p>}
    </Stage>
  );
}

/** The brush over the mask on show; each stroke is a prompt. */
function brushOf({ desk, prompting, meter }: PictureProps): Brush {
  const beneath = underTheBrush(desk);
  return {
    diameter: desk.brush,
    mask: beneath && { size: desk.work.size, counts: beneath.counts },
    look: ownLook(desk),
    onBegin: prompting.begins,
    onStroke: (rle, on, erases) => {
      meter.current?.stroke(on, erases ? "eraser" : "brush");
      prompting.prompt({ frame_idx: on, kind: "mask", rle });
    },
  };
}
