import { Plus } from "lucide-react";

import type { Desk } from "../desk";
import { always, type Spec } from "./spec";

const group = "Objects";
const saved = ({ unsent, work }: Desk) =>
  work.leaseLost || unsent.length === 0 || "A prompt is not saved yet. Wait a moment.";

export const newObject: Spec = {
  name: "new-object",
  label: "New object in this video",
  hotkeys: ["N"],
  group,
  icon: Plus,
  enabled: saved,
  perform: (commands) => commands.newObject(),
};

export const objects: readonly Spec[] = [
  newObject,
  {
    name: "object-number",
    label: "By number",
    hotkeys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    group,
    enabled: saved,
    perform: (commands, _desk, event) => commands.openObject(Number(event?.key)),
  },
  {
    name: "next-object",
    label: "Next object",
    hotkeys: ["."],
    group,
    enabled: always,
    perform: (commands) => commands.nextObject(),
  },
];
