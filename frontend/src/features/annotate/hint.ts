import { plural } from "@/lib/format";

import { isSelection, passesOn, type Desk } from "./desk";
import { isCorrected, startsOver } from "./prompting";

/** What to do next, or what one waits for: one sentence or two at the foot of the page. */
export function hintOf(desk: Desk): string {
  return waitingFor(desk) ?? ofTool(desk) ?? ofJob(desk) ?? ofMasks(desk);
}

function waitingFor({ work, unsent, tool }: Desk): string | null {
  if (!work.loaded) return "Loading masks and prompts.";
  if (work.leaseLost) return "Claim the masklet again to go on.";
  if (work.propagation) return "Masks arrive on the timeline. Click on a frame to stop there and correct it.";
  if (unsent.some(({ state }) => state === "retrying"))
    return "The server does not answer. Your prompts are kept here and sent as soon as it does.";
  const computing = work.predicting.size > 0 || unsent.length > 0;
  return computing && tool === "point" ? "Computing the mask. You can go on clicking." : null;
}

function ofTool({ tool, brush }: Desk): string | null {
  if (tool === "box") return "Drag from one corner of the object to the other. Esc goes back to clicking.";
  if (tool === "point") return null;
  const hands =
    tool === "brush"
      ? "The left button paints, the right one erases; X held erases too."
      : "The left button erases, the right one paints.";
  return `${hands} [ and ] change the size, now ${plural(brush, "pixel")}. Esc goes back to clicking.`;
}

/** Where the phase, or the part of the work, asks for something else than clicking and propagating. */
function ofJob(desk: Desk): string | null {
  const { work, protocol, toDo, shown, player } = desk;
  if (isSelection(desk)) {
    return passesOn(desk)
      ? "When the mask is right on this frame, pass it on: another annotator tracks it."
      : "Choose an object: click on it, or press B and drag a box around it. Another annotator tracks it.";
  }
  if (protocol?.every_frame && toDo.length > 0) {
    const here = shown.has(player.frame);
    const absent = work.prompts.length > 0 ? ", or press O where it is absent" : "";
    const now = here
      ? "When this frame is right, T goes to the next one to do."
      : `Click on the object, draw a box or paint it${absent}.`;
    return `Phase ${protocol.phase}: every frame gets its own mask. ${now}`;
  }
  return null;
}

function ofMasks(desk: Desk): string {
  const { work, shown, lane, player, count, protocol } = desk;
  if (work.prompts.length === 0) return "Click on the object, or press B and drag a box around it.";
  if (isCorrected(desk) || (shown.size < count && shown.size <= work.prompts.length)) {
    return "Left click adds, right click removes. When this frame is right, propagate.";
  }
  if (work.kept > 0) {
    const stayed = work.kept === 1 ? "One frame stays as it was" : `${work.kept} frames stay as they were`;
    return `${stayed}: the masks agree there again. Shift+P does every frame anew.`;
  }
  const correct = startsOver(desk)
    ? ` Phase ${protocol?.phase}: a correction makes this frame's mask from scratch, by clicks, a box or the brush; then propagate again.`
    : "";
  const doubt = lane.doubts.get(player.frame);
  if (doubt) return `Look here: ${doubt}.${correct || " Click to correct it, then propagate again."}`;
  const { length } = lane.places;
  if (length > 0)
    return `${length === 1 ? "One place needs" : `${length} places need`} a look. G goes to the one that matters most.${correct}`;
  if (shown.size < count)
    return `Some frames have no mask yet. Propagate to reach them, or submit as it is.${correct}`;
  if (protocol?.every_frame)
    return "Every frame has its mask. Play it once; if it is right from first to last, submit.";
  return `Play it once. If it is right from first to last, submit.${correct}`;
}

/** What the annotator most likely does next. */
export type Next = "propagate" | "another frame" | "pass on" | "submit";

/** The next step, null where it is the work on the frame on show. */
export function nextOf(desk: Desk): Next | null {
  const { work, toDo, protocol, shown, player, count } = desk;
  if (work.leaseLost) return null;
  if (isSelection(desk)) return passesOn(desk) ? "pass on" : null;
  if (protocol?.every_frame) {
    if (toDo.length === 0) return "submit";
    return shown.has(player.frame) ? "another frame" : null;
  }
  if (isCorrected(desk)) return "propagate";
  const prompted = new Set(work.prompts.map(({ frame_idx }) => frame_idx)).size;
  return shown.size < count && shown.size <= prompted ? "propagate" : "submit";
}
