import type { Desk } from "./actions/spec";

/** What to do next, or what one waits for: one sentence at the foot of the page. */
export function hintOf(desk: Desk): string {
  const { work, unsent, tool, player, lane, count } = desk;
  if (!work.loaded) return "Loading masks and prompts.";
  if (work.leaseLost) return "Claim the masklet again to go on.";
  if (work.propagation) return "Masks arrive on the timeline. Click on a frame to stop there and correct it.";
  if (unsent.some(({ state }) => state === "retrying")) return "The server does not answer. Your prompts are kept here and sent as soon as it does.";
  if (tool === "box") return "Drag from one corner of the object to the other. Esc goes back to clicking.";
  if (work.predicting.size > 0 || unsent.length > 0) return "Computing the mask. You can go on clicking.";
  if (work.prompts.length === 0) return "Click on the object, or press B and drag a box around it.";
  if (work.frames.size < count && work.frames.size <= work.prompts.length) {
    return "Left click adds, right click removes. When this frame is right, propagate.";
  }
  if (work.kept > 0) {
    const stayed = work.kept === 1 ? "One frame stays as it was" : `${work.kept} frames stay as they were`;
    return `${stayed}: the masks agree there again. Shift+P does every frame anew.`;
  }
  const doubt = lane.doubts.get(player.frame);
  if (doubt) return `Look here: ${doubt}. Click to correct it, then propagate again.`;
  const { length } = lane.places;
  if (length > 0) return `${length === 1 ? "One place needs" : `${length} places need`} a look. G goes to the one that matters most.`;
  if (work.frames.size < count) return "Some frames have no mask yet. Propagate to reach them, or submit as it is.";
  return "Play it once. If it is right from first to last, submit.";
}
