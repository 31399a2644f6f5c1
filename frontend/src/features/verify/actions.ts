import type { VerdictValue } from "@/api/models";
import type { Action } from "@/lib/actions";
import { nextPlace } from "@/masks/doubt";

import type { Looking } from "./useLooking";

export interface ReviewCommands {
  /** What one looks at; null where there is nothing to give a verdict on. */
  looking: Pick<
    Looking,
    "footage" | "lane" | "stage" | "previous" | "hide" | "changeLook" | "compare" | "changeOrder" | "pace"
  > | null;
  /** Whether there is a verdict to take back. */
  undoable: boolean;
  give: (verdict: VerdictValue) => void;
  undo: () => void;
  toggleReason: (index: number) => void;
  pin: (frame: number) => void;
  leave: () => void;
}

/** Everything that can be done on the review page. */
export function reviewActions(commands: ReviewCommands): Action[] {
  const { looking, undoable, give, undo } = commands;
  const undoing: Action = {
    name: "undo",
    label: "Take the last verdict back",
    keys: ["Z", "Ctrl+Z"],
    group: "Verdict",
    disabled: undoable ? undefined : "There is no verdict to take back.",
    perform: undo,
  };
  if (!looking) return [undoing];
  const { lane, stage, previous } = looking;
  const { player } = looking.footage;
  // A verdict without its reason is not disabled: pressing its key says what is missing.
  const verdict = (value: VerdictValue, label: string, key: string): Action => ({
    name: value,
    label,
    keys: [key],
    group: "Verdict",
    perform: () => give(value),
  });
  const step = (name: string, label: string, keys: string[], by: number): Action => ({
    name,
    label,
    keys,
    group: "Frames",
    repeats: true,
    perform: () => player.step(by),
  });
  return [
    verdict("satisfactory", "Satisfactory", "S"),
    verdict("unsatisfactory", "Unsatisfactory", "U"),
    verdict("reject", "Reject", "J"),
    undoing,
    {
      name: "reason",
      label: "Tick a reason",
      keys: ["1", "2", "3", "4", "5", "6", "7"],
      group: "Verdict",
      perform: (event) => commands.toggleReason(Number(event?.key) - 1),
    },
    {
      name: "pin",
      label: "Pin a note on this frame",
      keys: ["M"],
      group: "Verdict",
      perform: () => {
        player.pause();
        commands.pin(player.read().frame);
      },
    },
    {
      name: "leave",
      label: "Leave it to another reviewer",
      keys: ["Backspace"],
      group: "Verdict",
      perform: commands.leave,
    },
    {
      name: "play",
      label: "Play or pause",
      keys: ["Space", "K"],
      group: "Frames",
      perform: () => player.toggle(),
    },
    { name: "slower", label: "Play slower", keys: [","], group: "Frames", perform: () => looking.pace(-1) },
    { name: "faster", label: "Play faster", keys: ["."], group: "Frames", perform: () => looking.pace(1) },
    step("previous-frame", "Previous frame", ["D", "ArrowLeft"], -1),
    step("next-frame", "Next frame", ["F", "ArrowRight"], 1),
    step("ten-back", "10 frames back", ["C", "Shift+ArrowLeft"], -10),
    step("ten-on", "10 frames on", ["V", "Shift+ArrowRight"], 10),
    {
      name: "next-doubt",
      label: "Next place to look at",
      keys: ["G"],
      group: "Frames",
      disabled: lane.places.length > 0 ? undefined : "Nothing here is likely to be wrong.",
      perform: () => player.goTo(nextPlace(lane.places, player.read().frame) ?? 0),
    },
    {
      name: "look",
      label: "Filled, outline, cut out or heat",
      keys: ["L"],
      group: "View",
      perform: looking.changeLook,
    },
    {
      name: "order",
      label: "Contact sheet by doubt or time",
      keys: ["O"],
      group: "View",
      perform: looking.changeOrder,
    },
    {
      name: "before",
      label: "Show what was sent back before",
      keys: ["B"],
      group: "View",
      disabled: previous ? undefined : "These are the first masks of this object.",
      perform: looking.compare,
    },
    { name: "hide", label: "Hide or show the mask", keys: ["H"], group: "View", perform: looking.hide },
    {
      name: "zoom-in",
      label: "Zoom in",
      keys: ["+", "="],
      group: "View",
      repeats: true,
      perform: () => stage?.zoomBy(1.25),
    },
    {
      name: "zoom-out",
      label: "Zoom out",
      keys: ["-"],
      group: "View",
      repeats: true,
      perform: () => stage?.zoomBy(0.8),
    },
    { name: "fit", label: "Fit the picture", keys: ["0"], group: "View", perform: () => stage?.fit() },
  ];
}
