import { Ban, CornerDownLeft, Undo } from "lucide-react";

import { plural } from "@/lib/format";

import { hasMask, isSelection, locked, passesOn, unsettled, type Desk } from "../desk";
import type { Spec } from "./spec";

const group = "Masklet";

function complete(desk: Desk): true | string {
  if (isSelection(desk))
    return "You chose this object; another annotator tracks it. Pass it on once its mask is right on one frame.";
  if (!hasMask(desk))
    return desk.protocol?.propagates === false
      ? "There is no mask yet. Click on the object."
      : "There is no mask yet. Click on the object, then propagate.";
  const untracked = desk.protocol?.every_frame ? 0 : desk.count - desk.shown.size;
  if (untracked > 0)
    return `${plural(untracked, "frame")} ${untracked === 1 ? "was" : "were"} never tracked. Propagate through the whole video first.`;
  const { length } = desk.toDo;
  return (
    length === 0 ||
    `${plural(length, "frame")} ${length === 1 ? "has" : "have"} no mask yet. T goes to the next one.`
  );
}

export const submit: Spec = {
  name: "submit",
  label: "Submit",
  hotkeys: ["Enter"],
  group,
  icon: CornerDownLeft,
  enabled: (desk) => locked(desk) ?? unsettled(desk) ?? complete(desk),
  perform: (commands) => commands.submit(),
};

export const handBack: Spec = {
  name: "hand-back",
  label: (desk) => (passesOn(desk) ? "Pass on for tracking" : "Hand back"),
  hotkeys: ["Backspace"],
  group,
  icon: Undo,
  enabled: (desk) =>
    locked(desk) ??
    (passesOn(desk) ? unsettled(desk) : null) ??
    (desk.unsent.length === 0 || "A prompt is not saved yet. Wait a moment."),
  perform: (commands) => commands.handBack(),
};

export const discard: Spec = {
  name: "discard",
  label: "Discard: no well-defined object",
  hotkeys: ["Shift+Delete"],
  group,
  icon: Ban,
  enabled: (desk) => locked(desk) ?? true,
  perform: (commands) => commands.askDiscard(),
};
