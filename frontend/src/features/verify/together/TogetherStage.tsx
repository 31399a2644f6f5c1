import { useSyncExternalStore } from "react";

import { Stage, type StageMask } from "@/canvas/Stage";
import { FAINT } from "@/masks/draw";
import type { Shapes } from "@/masks/shapes";

import { Before } from "../Before";
import { lookOf } from "../looks";
import styles from "../ReviewDesk.module.css";
import type { Looking } from "../useLooking";
import type { Member } from "./members";

export interface TogetherStageProps {
  members: readonly Member[];
  selected: Member;
  looking: Looking;
  shapes: Shapes;
}

/** The picture with all masklets on it that wait, the chosen one above the others. */
export function TogetherStage({ members, selected, looking, shapes }: TogetherStageProps) {
  const { footage, before, previous, hidden } = looking;
  const { frame } = useSyncExternalStore(footage.player.subscribe, footage.player.read);
  return (
    <div className={styles.pictures} data-beside={before || undefined}>
      <Stage
        footage={footage}
        shapes={shapes}
        masks={hidden ? [] : layers(members, selected, looking, frame)}
        handle={looking.setStage}
        label={`Frame ${frame + 1} of ${footage.timeline.count}, masklet ${selected.number} of ${members.length} is chosen`}
      >
        {hidden && <p className={styles.aside}>The masks are hidden. Press H to show them.</p>}
      </Stage>
      {before && previous && <Before looking={looking} previous={previous} shapes={shapes} frame={frame} />}
    </div>
  );
}

function layers(
  members: readonly Member[],
  selected: Member,
  { look, lane }: Looking,
  frame: number,
): StageMask[] {
  const others = members.filter(({ id, outcome }) => id !== selected.id && outcome === null);
  return [...others, selected].flatMap(({ id, number, colour, masks }) => {
    const mask = masks.frames[String(frame)];
    if (!mask) return [];
    const chosen = id === selected.id;
    const faint = { ...FAINT, fill: 0.12, colour, doubtful: false };
    return [
      {
        rle: { size: masks.size, counts: mask.counts },
        look: chosen ? lookOf(look, colour, lane, frame) : faint,
        number,
      },
    ];
  });
}
