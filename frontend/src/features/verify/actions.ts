import type { Review, VerdictValue } from "@/api/models";
import type { Action } from "@/lib/actions";
import { nextPlace } from "@/masks/doubt";

import type { Looking } from "./useLooking";

export interface ReviewCommands {
  /** What one looks at; null where there is nothing to give a verdict on. */
  looking: Pick<
    Looking,
    "footage" | "lane" | "stage" | "previous" | "hide" | "changeLook" | "compare" | "changeOrder" | "pace"
  > | null;
  /** Where the pre-verifier thinks the masks wrong; null where nothing is known. */
  named: Review["places"];
  /** Whether there is a verdict to take back. */
  undoable: boolean;
  give: (verdict: VerdictValue) => void;
  undo: () => void;
  toggleReason: (index: number) => void;
  pin: (frame: number) => void;
  leave: () => void;
}

type Lookout = NonNullable<ReviewCommands["looking"]>;

/** Everything that can be done on the review page. */
export function reviewActions(commands: ReviewCommands): Action[] {
  const { looking } = commands;
  const undoing = undoAction(commands.undoable, commands.undo);
  if (!looking) return [undoing];
  return [
    ...verdictActions(commands, looking),
    undoing,
    ...frameActions(looking),
    namedAction(commands, looking),
    ...viewActions(looking),
  ];
}

export const undoAction = (undoable: boolean, undo: () => void): Action => ({
  name: "undo",
  label: "Take the last verdict back",
  keys: ["Z", "Ctrl+Z"],
  group: "Verdict",
  disabled: undoable ? undefined : "There is no verdict to take back.",
  perform: undo,
});

/** A verdict without its reason is not disabled: pressing its key says what is missing. */
function verdictActions({ give, toggleReason, pin, leave }: ReviewCommands, { footage }: Lookout): Action[] {
  const { player } = footage;
  const group = "Verdict";
  const pinHere = () => {
    player.pause();
    pin(player.read().frame);
  };
  return [
    { name: "satisfactory", label: "Satisfactory", keys: ["S"], group, perform: () => give("satisfactory") },
    {
      name: "unsatisfactory",
      label: "Unsatisfactory",
      keys: ["U"],
      group,
      perform: () => give("unsatisfactory"),
    },
    { name: "reject", label: "Reject", keys: ["J"], group, perform: () => give("reject") },
    {
      name: "reason",
      label: "Tick a reason",
      keys: ["1", "2", "3", "4", "5", "6", "7"],
      group,
      perform: (event) => toggleReason(Number(event?.key) - 1),
    },
    { name: "pin", label: "Pin a note on this frame", keys: ["M"], group, perform: pinHere },
    { name: "leave", label: "Leave it to another reviewer", keys: ["Backspace"], group, perform: leave },
  ];
}

function frameActions({ footage, lane, pace }: Lookout): Action[] {
  const { player } = footage;
  const group = "Frames";
  const step = (name: string, label: string, keys: string[], by: number): Action => {
    return { name, label, keys, group, repeats: true, perform: () => player.step(by) };
  };
  return [
    { name: "play", label: "Play or pause", keys: ["Space", "K"], group, perform: () => player.toggle() },
    { name: "slower", label: "Play slower", keys: [","], group, perform: () => pace(-1) },
    { name: "faster", label: "Play faster", keys: ["."], group, perform: () => pace(1) },
    step("previous-frame", "Previous frame", ["D", "ArrowLeft"], -1),
    step("next-frame", "Next frame", ["F", "ArrowRight"], 1),
    step("ten-back", "10 frames back", ["C", "Shift+ArrowLeft"], -10),
    step("ten-on", "10 frames on", ["V", "Shift+ArrowRight"], 10),
    {
      name: "next-doubt",
      label: "Next place to look at",
      keys: ["G"],
      group,
      disabled: lane.places.length > 0 ? undefined : "Nothing here is likely to be wrong.",
      perform: () => player.goTo(nextPlace(lane.places, player.read().frame) ?? 0),
    },
  ];
}

function namedAction({ named }: ReviewCommands, { footage: { player } }: Lookout): Action {
  return {
    name: "next-named",
    label: "Next place that the pre-verifier names",
    keys: ["W"],
    group: "Frames",
    disabled: named?.length ? undefined : "The pre-verifier names no place here.",
    perform: () => player.goTo(nextPlace(named ?? [], player.read().frame) ?? 0),
  };
}

function viewActions({ stage, previous, changeLook, changeOrder, compare, hide }: Lookout): Action[] {
  const group = "View";
  const zoom = (name: string, label: string, keys: string[], factor: number): Action => {
    return { name, label, keys, group, repeats: true, perform: () => stage?.zoomBy(factor) };
  };
  return [
    { name: "look", label: "Filled, outline, cut out or heat", keys: ["L"], group, perform: changeLook },
    { name: "order", label: "Contact sheet by doubt or time", keys: ["O"], group, perform: changeOrder },
    {
      name: "before",
      label: "Show what was sent back before",
      keys: ["B"],
      group,
      disabled: previous ? undefined : "These are the first masks of this object.",
      perform: compare,
    },
    { name: "hide", label: "Hide or show the mask", keys: ["H"], group, perform: hide },
    zoom("zoom-in", "Zoom in", ["+", "="], 1.25),
    zoom("zoom-out", "Zoom out", ["-"], 0.8),
    { name: "fit", label: "Fit the picture", keys: ["0"], group, perform: () => stage?.fit() },
  ];
}
