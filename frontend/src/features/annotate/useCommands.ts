import { useState, type RefObject } from "react";
import { useNavigate } from "react-router";

import type { Masklet, NewPrompt } from "@/api/models";
import type { StageHandle } from "@/canvas/Stage";
import type { Footage } from "@/player/footage";

import { passesOn, type Commands, type Desk } from "./desk";
import type { EffortMeter } from "./effortMeter";
import { absence, refusalOf, refusalToPaint } from "./prompting";
import type { Change } from "./useDesk";
import type { Workbench } from "./workbench";

/** How the work on a masklet ends here. */
export type Ending = "submitted" | "discarded" | "handed back" | "passed on";

export interface CommandsOptions {
  bench: Workbench;
  footage: Footage;
  desk: Desk;
  change: Change;
  /** The picture; null until it is there. */
  stage: StageHandle | null;
  meter: RefObject<EffortMeter | null>;
  /** The objects of the video, in their order. */
  masklets: readonly Masklet[];
  prompt: (prompt: NewPrompt) => void;
  onAskDiscard: () => void;
  onNewObject: () => void;
  onLeave: (what: Ending) => void;
}

/** What actions do it with. */
export function useCommands(options: CommandsOptions): Commands {
  const { bench, footage, desk, change, stage, meter, masklets, prompt } = options;
  const { player } = footage;
  const { frame } = desk.player;
  const { masklet } = desk.work;
  const navigate = useNavigate();
  const open = (index: number) => {
    const other = masklets[index];
    if (other && other.id !== masklet.id) void navigate(`/annotate/${other.id}?frame=${frame + 1}`);
  };
  const end = (what: Ending, done: () => Promise<boolean>) => {
    meter.current?.tell();
    void done().then((ended) => ended && options.onLeave(what));
  };
  return {
    goTo: (to) => player.goTo(to),
    step: (by) => player.step(by),
    togglePlay: () => player.toggle(),
    setTool: change.setTool,
    eraser: change.eraser,
    growBrush: change.grow,
    markAbsent: () => prompt(absence(desk)),
    setHidden: change.setHidden,
    setOthers: change.setOthers,
    zoomBy: (factor) => stage?.zoomBy(factor),
    fit: () => stage?.fit(),
    propagate: (direction, whole) => {
      void bench.propagate(direction, frame, whole);
      meter.current?.asked();
    },
    stop: () => void bench.stop(),
    undo: () => void bench.undo(),
    redo: () => void bench.redo(),
    submit: () => end("submitted", () => bench.submit()),
    handBack: () => end(passesOn(desk) ? "passed on" : "handed back", () => bench.handBack()),
    askDiscard: options.onAskDiscard,
    newObject: options.onNewObject,
    openObject: (number) => open(masklets.findIndex(({ object_id }) => object_id === number)),
    nextObject: () => open((masklets.findIndex(({ id }) => id === masklet.id) + 1) % masklets.length),
  };
}

export interface Prompting {
  /** Takes a prompt for the frame on show, or says why not. */
  prompt: (prompt: NewPrompt) => void;
  /** Whether a stroke may begin on the frame on show; says why not. */
  begins: (erases: boolean) => boolean;
  /** Why the last prompt on the frame on show was not taken, or null. */
  refused: string | null;
}

/** Puts prompts into the workbench's hands. */
export function usePrompting(
  bench: Workbench,
  { player }: Footage,
  desk: Desk,
  meter: RefObject<EffortMeter | null>,
): Prompting {
  const [last, setLast] = useState<{ why: string; frame: number } | null>(null);
  const { frame } = desk.player;
  const taken = (why: string | null) => {
    setLast(why === null ? null : { why, frame });
    if (why === null && player.read().playing) player.pause();
    return why === null;
  };
  return {
    prompt: (prompt) => {
      if (!taken(refusalOf(prompt, desk))) return;
      bench.prompt(prompt);
      meter.current?.asked();
    },
    begins: (erases) => taken(refusalToPaint(desk, erases)),
    refused: last?.frame === frame ? last.why : null,
  };
}
