import type { Candidate, Id } from "@/api/models";
import type { Action } from "@/lib/actions";

import { step } from "./tracks";

export interface GalleryCommands {
  shown: readonly Candidate[];
  focused: Id | null;
  ticked: ReadonlySet<Id>;
  focus: (candidate: Candidate) => void;
  tick: (ids: ReadonlySet<Id>) => void;
  moveFrame: (by: number) => void;
}

/** Moving and choosing; what is decided then has the keys of the review page. */
export function galleryActions({
  shown,
  focused,
  ticked,
  focus,
  tick,
  moveFrame,
}: GalleryCommands): Action[] {
  const move = (name: string, label: string, keys: string[], by: number): Action => ({
    name,
    label,
    keys,
    group: "Candidates",
    repeats: true,
    perform: () => {
      const next = step(shown, focused, by);
      if (next) focus(next);
    },
  });
  const frame = (name: string, label: string, key: string, by: number): Action => ({
    name,
    label,
    keys: [key],
    group: "Frames",
    repeats: true,
    perform: () => moveFrame(by),
  });
  const choose = () => {
    if (focused === null) return;
    const changed = new Set(ticked);
    if (!changed.delete(focused)) changed.add(focused);
    tick(changed);
  };
  return [
    move("next-candidate", "Next candidate", ["ArrowRight", "ArrowDown", "L"], 1),
    move("previous-candidate", "Previous candidate", ["ArrowLeft", "ArrowUp", "K"], -1),
    { name: "choose", label: "Choose it, or not", keys: ["X"], group: "Candidates", perform: choose },
    {
      name: "choose-all",
      label: "Choose all that are shown",
      keys: ["A"],
      group: "Candidates",
      perform: () => tick(new Set(shown.map(({ id }) => id))),
    },
    {
      name: "choose-none",
      label: "Choose none",
      keys: ["Escape"],
      group: "Candidates",
      perform: () => tick(new Set()),
    },
    frame("previous-frame", "Previous frame", "D", -1),
    frame("next-frame", "Next frame", "F", 1),
    frame("ten-back", "10 frames back", "C", -10),
    frame("ten-on", "10 frames on", "V", 10),
  ];
}
