/** What is drawn on the picture and on the timeline, derived from the desk. */
import type { NewPrompt, Prompt } from "@/api/models";
import type { Mark } from "@/canvas/Marks";
import type { StageMask } from "@/canvas/Stage";
import { colourOf } from "@/masks/colours";
import { FAINT, SELECTED } from "@/masks/draw";
import { laneOf } from "@/player/lane";
import type { TimelineRow } from "@/player/Timeline";

import type { Desk } from "./actions/spec";
import type { Unsent } from "./outbox";
import type { Other } from "./useOthers";

/** The masks on frame `frame`: the others as outlines, the one in hand on top. */
export function masksOn(frame: number, { work, lane }: Desk, others: readonly Other[]): StageMask[] {
  const masks = others.flatMap(({ masklet, frames, size }): StageMask[] => {
    const mask = frames.get(frame);
    const look = { ...FAINT, colour: colourOf(masklet.object_id), doubtful: false };
    return mask ? [{ rle: { size, counts: mask.counts }, look, number: masklet.object_id }] : [];
  });
  const mine = work.frames.get(frame);
  if (mine) {
    const look = { ...SELECTED, colour: colourOf(work.masklet.object_id), doubtful: lane.doubts.has(frame) };
    masks.push({ rle: { size: work.size, counts: mine.counts }, look });
  }
  return masks;
}

/** The lanes: the masklet in hand, then the others. */
export function rowsOf({ work, lane, count }: Desk, others: readonly Other[]): TimelineRow[] {
  const { masklet, prompts, propagation, fresh } = work;
  const prompted = [...new Set(prompts.map(({ frame_idx }) => frame_idx))];
  const mine: TimelineRow = {
    key: masklet.id,
    number: masklet.object_id,
    name: masklet.label,
    colour: colourOf(masklet.object_id),
    lane,
    current: true,
    prompted,
    painted: masklet.edited_frames.filter((j) => !prompted.includes(j)),
    fresh: propagation ? fresh : undefined,
  };
  const theirs = others.map(
    ({ masklet: other, frames, size }): TimelineRow => ({
      key: other.id,
      number: other.object_id,
      name: other.label,
      colour: colourOf(other.object_id),
      // Accepted by a person: nothing in them is doubted.
      lane: laneOf(frames, count, size),
      current: false,
      prompted: [],
      painted: [],
    }),
  );
  return [mine, ...theirs];
}

/** The marks on frame `frame`: the saved prompts, then those on their way. */
export function marksOn(frame: number, prompts: readonly Prompt[], unsent: readonly Unsent[]): Mark[] {
  const saved = prompts.flatMap((prompt) => (prompt.frame_idx === frame ? markOf(prompt, prompt.id, "saved") : []));
  const waiting = unsent.flatMap(({ key, prompt, state }) => (prompt.frame_idx === frame ? markOf(prompt, key, state) : []));
  return [...saved, ...waiting];
}

function markOf(prompt: Prompt | NewPrompt, key: string | number, state: Mark["state"]): Mark[] {
  if (prompt.kind === "box") return prompt.box ? [{ key, state, kind: "box", box: prompt.box }] : [];
  if (prompt.kind === "mask" || prompt.x === null || prompt.y === null) return [];
  return [{ key, state, kind: "click", at: [prompt.x, prompt.y], positive: prompt.positive !== false }];
}
