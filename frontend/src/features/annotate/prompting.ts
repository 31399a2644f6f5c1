import type { MaskFrame, NewPrompt } from "@/api/models";
import { isEmpty, packCounts } from "@/masks/rle";

import { isSelection, locked, type Desk } from "./desk";

/** What there is to say of the frame on show, before it is asked of the server. */
interface PromptsHere {
  /** Frames that were prompted, in order, with those on their way. */
  frames: number[];
  here: number;
  /** Of those here: what no propagation has carried on. */
  newHere: number;
}

function promptsHere({ work, unsent, player }: Desk): PromptsHere {
  const waiting = unsent.filter(({ prompt }) => prompt.frame_idx === player.frame).length;
  const stored = work.prompts.filter(({ frame_idx }) => frame_idx === player.frame);
  return {
    frames: [
      ...work.prompts.map(({ frame_idx }) => frame_idx),
      ...unsent.map(({ prompt }) => prompt.frame_idx),
    ],
    here: stored.length + waiting,
    newHere: stored.filter(({ id }) => !work.carried.has(id)).length + waiting,
  };
}

/** Whether the next prompt on the frame on show makes its mask anew, whatever is there. */
export function startsOver(desk: Desk): boolean {
  return desk.protocol?.masks_only === true && promptsHere(desk).newHere === 0;
}

/** Why nothing can be prompted on the frame on show, or null. */
export function refusal(desk: Desk): string | null {
  const no = locked(desk);
  if (no !== null) return no;
  const other = promptsHere(desk).frames.find((frame) => frame !== desk.player.frame);
  if (isSelection(desk) && other !== undefined) {
    return `You choose this object on one frame, which is frame ${other + 1}. Pass it on; another annotator goes on from there.`;
  }
  return null;
}

/** Why `prompt` is not taken on the frame on show, or null. */
export function refusalOf(prompt: NewPrompt, desk: Desk): string | null {
  const no = refusal(desk);
  if (no !== null) return no;
  const { frames, here } = promptsHere(desk);
  if (prompt.kind === "mask" && frames.length === 0 && isEmpty(prompt.rle)) {
    return "Show the object on one frame first. Then mark the frames where it is absent.";
  }
  return prompt.kind === "click" && !prompt.positive ? refusalToRemove(desk, frames.length, here) : null;
}

/** Says that the object is not there on the frame on show. */
export function absence({ work, player }: Desk): NewPrompt {
  const [height, width] = work.size;
  return {
    frame_idx: player.frame,
    kind: "mask",
    rle: { size: work.size, counts: packCounts([height * width]) },
  };
}

/**
 * Whether a person has said that the object is not on the frame on show; clicks that lead to no mask do not
 * say so.
 */
export function isMarkedAbsent({ work, unsent, player, shown }: Desk): boolean {
  const mask = shown.get(player.frame);
  const last = [...work.prompts, ...unsent.map(({ prompt }) => prompt)].findLast(
    ({ frame_idx }) => frame_idx === player.frame,
  );
  return last?.kind === "mask" && mask !== undefined && isEmpty({ size: work.size, counts: mask.counts });
}

/** Whether something was corrected since the masks were last propagated, as far as this page has seen it. */
export function isCorrected({ work }: Desk): boolean {
  return work.carried.size > 0 && work.prompts.some(({ id }) => !work.carried.has(id));
}

const FROM_SCRATCH =
  "A correction makes this frame's mask from scratch. Begin with a left click on the object, a box or the brush.";

/** Why one cannot begin with taking something away. */
function refusalToRemove(desk: Desk, everywhere: number, here: number): string | null {
  if (everywhere === 0) return "There is nothing to remove yet. Begin with a left click on the object.";
  if (startsOver(desk)) return FROM_SCRATCH;
  if (desk.protocol?.every_frame && here === 0)
    return "There is nothing to remove on this frame yet. Begin with a left click on the object.";
  return null;
}

/** Why no stroke can begin on the frame on show, or null. */
export function refusalToPaint(desk: Desk, erases: boolean): string | null {
  const no = refusal(desk);
  if (no !== null || !erases || underTheBrush(desk) !== null) return no;
  return desk.shown.has(desk.player.frame) ? FROM_SCRATCH : "There is nothing to erase on this frame yet.";
}

/** The mask that the brush begins with on the frame on show: what is seen there, or nothing. */
export function underTheBrush(desk: Desk): MaskFrame | null {
  return startsOver(desk) ? null : (desk.shown.get(desk.player.frame) ?? null);
}
