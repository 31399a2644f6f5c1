import type { VerdictValue } from "@/api/models";
import type { Action } from "@/lib/actions";
import { nextPlace } from "@/masks/doubt";
import type { Lane } from "@/player/lane";
import type { Player } from "@/player/player";

export interface ReviewCommands {
  /** Whether there is a masklet to give a verdict on. */
  looking: boolean;
  /** Whether there is a verdict to take back. */
  given: boolean;
  refusal: (verdict: VerdictValue) => string | undefined;
  give: (verdict: VerdictValue) => void;
  undo: () => void;
  player: Player;
  toggleReason: (index: number) => void;
  hide: () => void;
  zoomBy: (factor: number) => void;
  fit: () => void;
  lane: Lane;
  leave: () => void;
}

/** Everything that can be done on the review page. */
export function reviewActions(commands: ReviewCommands): Action[] {
  const { looking, given, give, undo, player, lane } = commands;
  const undoing: Action = {
    name: "undo",
    label: "Take the last verdict back",
    keys: ["Z", "Ctrl+Z"],
    group: "Verdict",
    disabled: given ? undefined : "There is no verdict to take back.",
    perform: undo,
  };
  if (!looking) return [undoing];
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
    { name: "hide", label: "Hide or show the mask", keys: ["H"], group: "View", perform: commands.hide },
    {
      name: "zoom-in",
      label: "Zoom in",
      keys: ["+", "="],
      group: "View",
      repeats: true,
      perform: () => commands.zoomBy(1.25),
    },
    {
      name: "zoom-out",
      label: "Zoom out",
      keys: ["-"],
      group: "View",
      repeats: true,
      perform: () => commands.zoomBy(0.8),
    },
    { name: "fit", label: "Fit the picture", keys: ["0"], group: "View", perform: commands.fit },
  ];
}
