/** What is drawn on the picture and on the timeline, derived from the desk. */
import type { MaskFrame, NewPrompt, Prompt, Target } from "@/api/models";
import type { Mark } from "@/canvas/Marks";
import type { StageMask } from "@/canvas/Stage";
import { colourOf } from "@/masks/colours";
import { FAINT, SELECTED } from "@/masks/draw";
import { isEmpty } from "@/masks/rle";
import { laneOf } from "@/player/lane";
import type { TimelineRow } from "@/player/Timeline";

import type { Desk } from "./desk";
import type { Unsent } from "./outbox";
import type { Other } from "./useOthers";
import type { Work } from "./workbench";

/** The stored masks, and over them those that were painted just now. */
export function shownFrames({
  frames,
  drawn,
}: Pick<Work, "frames" | "drawn">): ReadonlyMap<number, MaskFrame> {
  if (drawn.size === 0) return frames;
  const painted = [...drawn].map(([frame, { counts }]): [number, MaskFrame] => [
    frame,
    { ...CERTAIN, counts },
  ]);
  return new Map([...frames, ...painted]);
}

/** Painted by a person. */
const CERTAIN = { predicted_iou: 1, object_score: 1, stability: 1 };

/** How the mask in hand is drawn. */
export const ownLook = ({ work }: Desk, doubtful = false) => ({
  ...SELECTED,
  colour: colourOf(work.masklet.object_id),
  doubtful,
});

/** The object that is meant is no mask yet: dots in white, which is no object's colour. */
const MEANT = { ...FAINT, colour: "#fff", doubtful: false, dotted: true, opacity: 1, outline: 2.5 };

/**
 * The masks on frame `frame`: the others as outlines, the one in hand, and the object that is meant on top.
 */
export function masksOn(
  frame: number,
  desk: Desk,
  others: readonly Other[],
  target: Target | null,
): StageMask[] {
  const { work, lane, shown } = desk;
  const masks = others.flatMap(({ masklet, frames, size }): StageMask[] => {
    const mask = frames.get(frame);
    const look = { ...FAINT, colour: colourOf(masklet.object_id), doubtful: false };
    return mask ? [{ rle: { size, counts: mask.counts }, look, number: masklet.object_id }] : [];
  });
  const mine = shown.get(frame);
  if (mine)
    masks.push({
      rle: { size: work.size, counts: mine.counts },
      look: ownLook(desk, lane.doubts.has(frame)),
      inHand: true,
    });
  if (target?.frame_idx === frame) masks.push({ rle: target, look: MEANT });
  return masks;
}

/** The lanes: the masklet in hand, then the others. */
export function rowsOf(
  { work, lane, count, shown }: Desk,
  others: readonly Other[],
  pinned: readonly number[] = [],
): TimelineRow[] {
  const { masklet, prompts, propagation, fresh } = work;
  const prompted = [...new Set(prompts.map(({ frame_idx }) => frame_idx))];
  const gone = (frame: number) => {
    const mask = shown.get(frame);
    return mask !== undefined && isEmpty({ size: work.size, counts: mask.counts });
  };
  const mine: TimelineRow = {
    key: masklet.id,
    number: masklet.object_id,
    name: masklet.label,
    colour: colourOf(masklet.object_id),
    lane,
    current: true,
    prompted: prompted.filter((frame) => !gone(frame)),
    absent: prompted.filter(gone),
    painted: masklet.edited_frames.filter((j) => !prompted.includes(j)),
    pinned,
    fresh: propagation ? fresh : undefined,
  };
  const theirs = others.map(({ masklet: other, frames, size }): TimelineRow => ({
    key: other.id,
    number: other.object_id,
    name: other.label,
    colour: colourOf(other.object_id),
    // Accepted by a person: nothing in them is doubted.
    lane: laneOf(frames, count, size),
    current: false,
    prompted: [],
    painted: [],
  }));
  return [mine, ...theirs];
}

/**
 * The marks on frame `frame`: the saved prompts, then those on their way; a painted mask does away with
 * those before it.
 */
export function marksOn(frame: number, prompts: readonly Prompt[], unsent: readonly Unsent[]): Mark[] {
  const saved = prompts.flatMap((prompt) =>
    prompt.frame_idx === frame ? markOf(prompt, prompt.id, "saved") : [],
  );
  const waiting = unsent.flatMap(({ key, prompt, state }) =>
    prompt.frame_idx === frame ? markOf(prompt, key, state) : [],
  );
  const all = [...saved, ...waiting];
  return all.slice(all.lastIndexOf(null) + 1).filter((mark) => mark !== null);
}

/** Null for a painted mask, which is seen as such. */
function markOf(prompt: Prompt | NewPrompt, key: string | number, state: Mark["state"]): (Mark | null)[] {
  if (prompt.kind === "mask") return [null];
  if (prompt.kind === "box") return prompt.box ? [{ key, state, kind: "box", box: prompt.box }] : [];
  if (prompt.x === null || prompt.y === null) return [];
  return [{ key, state, kind: "click", at: [prompt.x, prompt.y], positive: prompt.positive !== false }];
}
