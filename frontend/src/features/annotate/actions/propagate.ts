import { ArrowLeftToLine, ArrowRightToLine, RefreshCw, Square, UnfoldHorizontal } from "lucide-react";

import type { Direction } from "@/api/models";

import { isSelection, locked, type Desk } from "../desk";
import type { Spec } from "./spec";

const group = "Propagate";

function ready(desk: Desk): true | string {
  const no = locked(desk);
  if (no) return no;
  if (isSelection(desk)) return "You chose this object; another annotator tracks it. Pass it on instead.";
  if (desk.protocol?.propagates === false)
    return `In phase ${desk.protocol.phase} every frame gets its own mask; nothing is propagated.`;
  if (desk.work.propagation) return "Masks are being propagated. Stop that first (Esc).";
  if (desk.unsent.length > 0) return "A prompt is not saved yet. Wait a moment.";
  if (desk.work.predicting.size > 0) return "A mask is being computed. Wait a moment.";
  return desk.work.prompts.length > 0 || "Click on the object first.";
}

const carry =
  (direction: Direction): Spec["perform"] =>
  (commands) =>
    commands.propagate(direction);

export const propagateBackward: Spec = {
  name: "propagate-backward",
  label: "Propagate backward from here",
  hotkeys: ["Shift+B"],
  group,
  icon: ArrowLeftToLine,
  enabled: (desk) => {
    const no = ready(desk);
    return no !== true ? no : desk.player.frame > 0 || "This is the first frame.";
  },
  perform: carry("backward"),
};

export const propagateForward: Spec = {
  name: "propagate-forward",
  label: "Propagate forward from here",
  hotkeys: ["Shift+F"],
  group,
  icon: ArrowRightToLine,
  enabled: (desk) => {
    const no = ready(desk);
    return no !== true ? no : desk.player.frame < desk.count - 1 || "This is the last frame.";
  },
  perform: carry("forward"),
};

export const propagateBoth: Spec = {
  name: "propagate-both",
  label: "Propagate both ways",
  hotkeys: ["Ctrl+P"],
  group,
  icon: UnfoldHorizontal,
  enabled: ready,
  perform: carry("both"),
};

/** After a correction only what it changes is done again; this does all of it. */
export const propagateAnew: Spec = {
  name: "propagate-anew",
  label: "Propagate every frame anew",
  hotkeys: ["Shift+P"],
  group,
  icon: RefreshCw,
  enabled: ready,
  perform: (commands) => commands.propagate("both", true),
};

/** Esc: stop the machine first, then put the tool down, then the playing. */
export const stop: Spec = {
  name: "stop",
  label: "Stop propagating, or leave the tool",
  hotkeys: ["Escape"],
  group,
  icon: Square,
  enabled: ({ work, tool, player }) =>
    work.propagation?.stopping
      ? "It is stopping."
      : Boolean(work.propagation) || tool !== "point" || player.playing || "Nothing to stop.",
  perform: (commands, { work, tool, player }) => {
    if (work.propagation) commands.stop();
    else if (tool !== "point") commands.setTool("point");
    else if (player.playing) commands.togglePlay();
  },
};
