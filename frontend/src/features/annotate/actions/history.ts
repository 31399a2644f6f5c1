import { Redo2, Undo2 } from "lucide-react";

import { locked, unsettled } from "../desk";
import type { Spec } from "./spec";

const group = "Masklet";

export const undo: Spec = {
  name: "undo",
  label: "Undo",
  hotkeys: ["Ctrl+Z"],
  group,
  icon: Undo2,
  enabled: (desk) =>
    locked(desk) ?? unsettled(desk) ?? (desk.work.history.past.length > 0 || "Nothing to undo."),
  perform: (commands) => commands.undo(),
};

export const redo: Spec = {
  name: "redo",
  label: "Redo",
  hotkeys: ["Ctrl+Shift+Z", "Ctrl+Y"],
  group,
  icon: Redo2,
  enabled: (desk) =>
    locked(desk) ?? unsettled(desk) ?? (desk.work.history.future.length > 0 || "Nothing to redo."),
  perform: (commands) => commands.redo(),
};
