import type { Direction, MaskFrame, Protocol } from "@/api/models";
import type { Tool } from "@/canvas/gesture";
import { isEmpty } from "@/masks/rle";
import type { Lane } from "@/player/lane";
import type { PlayerState } from "@/player/player";

import type { Unsent } from "./outbox";
import type { Work } from "./workbench";

/** Everything that decides what can be done now. */
export interface Desk {
  work: Work;
  unsent: readonly Unsent[];
  player: PlayerState;
  count: number;
  lane: Lane;
  /** The masks as they are seen: the stored ones, and over them what was painted just now. */
  shown: ReadonlyMap<number, MaskFrame>;
  /** What the masklet's phase lets one do; null until it is known. */
  protocol: Protocol | null;
  /** Frames that still need a person, in the phase in which each does. */
  toDo: readonly number[];
  tool: Tool;
  /** Diameter of the brush, in frame pixels. */
  brush: number;
  hidden: boolean;
  others: boolean;
}

/** What actions do it with. */
export interface Commands {
  goTo: (frame: number) => void;
  step: (by: number) => void;
  togglePlay: () => void;
  setTool: (tool: Tool) => void;
  /** The eraser while its key is held; a short press takes it, or puts it back. */
  eraser: (down: boolean) => void;
  growBrush: (factor: number) => void;
  markAbsent: () => void;
  setHidden: (hidden: boolean) => void;
  setOthers: (shown: boolean) => void;
  zoomBy: (factor: number) => void;
  fit: () => void;
  propagate: (direction: Direction, whole?: boolean) => void;
  stop: () => void;
  undo: () => void;
  redo: () => void;
  submit: () => void;
  handBack: () => void;
  askDiscard: () => void;
  newObject: () => void;
  openObject: (number: number) => void;
  nextObject: () => void;
}

/** The reason why nothing can be changed now, or null. */
export function locked({ work }: Desk): string | null {
  if (!work.loaded) return "The masklet is still loading.";
  if (work.leaseLost) return "This masklet is no longer yours. Claim it again to go on.";
  if (work.busy !== null) return `${work.busy}. Wait a moment.`;
  return null;
}

/** Whether the object is only chosen here, for another annotator to track. */
export const isSelection = ({ work }: Desk): boolean => work.assignment.job === "selection";

/** The reason why the masks cannot be replaced as a whole now, or null. */
export function unsettled({ work, unsent }: Desk): string | null {
  if (work.propagation) return "Masks are being propagated. Stop that first (Esc).";
  if (unsent.length > 0) return "A prompt is not saved yet. Wait a moment.";
  if (work.predicting.size > 0) return "A mask is being computed. Wait a moment.";
  return null;
}

/** Whether the object is seen on any frame. */
export function hasMask({ work, shown }: Desk): boolean {
  return [...shown.values()].some(({ counts }) => !isEmpty({ size: work.size, counts }));
}

/** A chosen object is handed on rather than back. */
export const passesOn = (desk: Desk): boolean => isSelection(desk) && hasMask(desk);
