import type { LucideIcon } from "lucide-react";

import type { Action } from "@/lib/actions";

import type { Commands, Desk } from "../desk";

/** What can be done on the annotate page. */
export const ACTION_NAMES = [
  "previous-frame",
  "next-frame",
  "ten-back",
  "ten-on",
  "play",
  "previous-edited",
  "next-edited",
  "next-to-do",
  "next-doubt",
  "point",
  "box",
  "brush",
  "eraser",
  "smaller-brush",
  "larger-brush",
  "absent",
  "propagate-forward",
  "propagate-backward",
  "propagate-both",
  "propagate-anew",
  "stop",
  "undo",
  "redo",
  "submit",
  "hand-back",
  "discard",
  "new-object",
  "object-number",
  "next-object",
  "hide",
  "others",
  "zoom-in",
  "zoom-out",
  "fit",
] as const;

export type ActionName = (typeof ACTION_NAMES)[number];

/** An action as data: the key, the button, the key overview and the tests all read the same one. */
export interface Spec {
  name: ActionName;
  label: string | ((desk: Desk) => string);
  hotkeys: readonly string[];
  group: string;
  icon?: LucideIcon;
  repeats?: boolean;
  /** True, or the reason why not. */
  enabled: (desk: Desk) => true | string;
  perform: (commands: Commands, desk: Desk, event?: KeyboardEvent) => void;
  release?: (commands: Commands) => void;
}

export const always = () => true as const;

/** The action that the keys and buttons know, for the desk as it is now. */
export function bind(spec: Spec, desk: Desk, commands: Commands): Action {
  const enabled = spec.enabled(desk);
  return {
    name: spec.name,
    label: typeof spec.label === "string" ? spec.label : spec.label(desk),
    keys: spec.hotkeys,
    group: spec.group,
    repeats: spec.repeats ?? false,
    disabled: enabled === true ? undefined : enabled,
    perform: (event) => spec.perform(commands, desk, event),
    ...(spec.release && { release: () => spec.release?.(commands) }),
  };
}

/** An action with the place it was made from: its icon and its state. */
export interface Control {
  spec: Spec;
  action: Action;
}

/** Every action of the page, by its name. */
export type Controls = Readonly<Record<ActionName, Control>>;
