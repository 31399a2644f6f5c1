import { Ban, CornerDownLeft, Undo } from "lucide-react";

import { isEmpty } from "@/masks/rle";

import { locked, unsettled, type Desk, type Spec } from "./spec";

const group = "Masklet";

function hasMask({ work }: Desk): boolean {
  return [...work.frames.values()].some(({ counts }) => !isEmpty({ size: work.size, counts }));
}

export const submit: Spec = {
  name: "submit",
  label: "Submit",
  hotkeys: ["Enter"],
  group,
  icon: CornerDownLeft,
  enabled: (desk) =>
    locked(desk) ?? unsettled(desk) ?? (hasMask(desk) || "There is no mask yet. Click on the object, then propagate."),
  perform: (hands) => hands.submit(),
};

export const handBack: Spec = {
  name: "hand-back",
  label: "Hand back",
  hotkeys: ["Backspace"],
  group,
  icon: Undo,
  enabled: (desk) => locked(desk) ?? (desk.unsent.length === 0 || "A prompt is not saved yet. Wait a moment."),
  perform: (hands) => hands.handBack(),
};

export const discard: Spec = {
  name: "discard",
  label: "Discard: no well-defined object",
  hotkeys: ["Shift+Delete"],
  group,
  icon: Ban,
  enabled: (desk) => locked(desk) ?? true,
  perform: (hands) => hands.askDiscard(),
};
