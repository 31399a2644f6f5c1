import { ChevronsLeft, ChevronsRight, ListTodo, StepBack, StepForward } from "lucide-react";

import { nextPlace } from "@/masks/doubt";
import { neighbour } from "@/player/lane";

import type { Desk } from "../desk";
import { always, type ActionName, type Spec } from "./spec";

const group = "Frames";
const editedFrames = ({ work }: Desk) =>
  new Set([...work.masklet.edited_frames, ...work.prompts.map((prompt) => prompt.frame_idx)]);
const notFirst = ({ player }: Desk) => player.frame > 0 || "This is the first frame.";
const notLast = ({ player, count }: Desk) => player.frame < count - 1 || "This is the last frame.";

function jump(
  name: ActionName,
  label: string,
  key: string,
  frames: (desk: Desk) => Iterable<number>,
  direction: 1 | -1,
  none: string,
): Spec {
  const target = (desk: Desk) => neighbour(frames(desk), desk.player.frame, direction);
  return {
    name,
    label,
    hotkeys: [key],
    group,
    enabled: (desk) => target(desk) !== null || none,
    perform: (commands, desk) => commands.goTo(target(desk) ?? desk.player.frame),
  };
}

/** The next one after where one stands, then from the beginning. */
const nextToDo = ({ toDo, player }: Desk): number | null =>
  neighbour(toDo, player.frame, 1) ?? toDo[0] ?? null;

export const nextFrameToDo: Spec = {
  name: "next-to-do",
  label: "Next frame to do",
  hotkeys: ["T"],
  group,
  icon: ListTodo,
  enabled: ({ toDo, protocol }) => {
    if (protocol?.every_frame !== true)
      return "In this phase propagation makes the masks of the other frames.";
    return toDo.length > 0 || "Every frame has its mask.";
  },
  perform: (commands, desk) => commands.goTo(nextToDo(desk) ?? desk.player.frame),
};

export const moves: readonly Spec[] = [
  {
    name: "previous-frame",
    label: "Previous frame",
    hotkeys: ["D", "ArrowLeft"],
    group,
    icon: StepBack,
    repeats: true,
    enabled: notFirst,
    perform: (commands) => commands.step(-1),
  },
  {
    name: "next-frame",
    label: "Next frame",
    hotkeys: ["F", "ArrowRight"],
    group,
    icon: StepForward,
    repeats: true,
    enabled: notLast,
    perform: (commands) => commands.step(1),
  },
  {
    name: "ten-back",
    label: "10 frames back",
    hotkeys: ["C", "Shift+ArrowLeft"],
    group,
    icon: ChevronsLeft,
    repeats: true,
    enabled: notFirst,
    perform: (commands) => commands.step(-10),
  },
  {
    name: "ten-on",
    label: "10 frames on",
    hotkeys: ["V", "Shift+ArrowRight"],
    group,
    icon: ChevronsRight,
    repeats: true,
    enabled: notLast,
    perform: (commands) => commands.step(10),
  },
  {
    name: "play",
    label: "Play or pause",
    hotkeys: ["Space"],
    group,
    enabled: always,
    perform: (commands) => commands.togglePlay(),
  },
  jump("previous-edited", "Previous edited frame", "E", editedFrames, -1, "No edited frame before this one."),
  jump("next-edited", "Next edited frame", "R", editedFrames, 1, "No edited frame after this one."),
  nextFrameToDo,
  {
    name: "next-doubt",
    label: "Next place to look at",
    hotkeys: ["G"],
    group,
    enabled: ({ lane }) => lane.places.length > 0 || "Nothing here is likely to be wrong.",
    perform: (commands, { lane, player }) =>
      commands.goTo(nextPlace(lane.places, player.frame) ?? player.frame),
  },
];
