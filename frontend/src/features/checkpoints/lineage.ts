import type { Checkpoint, Comparison, Figures } from "@/api/models";

export interface Descendant {
  checkpoint: Checkpoint;
  /** Generations after the first. */
  depth: number;
}

/**
 * Each checkpoint below the one that it was retrained from, the oldest first. One whose base is not listed
 * stands at the root.
 */
export function lineage(checkpoints: readonly Checkpoint[]): Descendant[] {
  const listed = new Set(checkpoints.map(({ id }) => id));
  const oldestFirst = [...checkpoints].sort((a, b) => a.id - b.id);
  const below = (parent: number | null, depth: number): Descendant[] =>
    oldestFirst
      .filter((checkpoint) => (listed.has(checkpoint.parent ?? 0) ? checkpoint.parent : null) === parent)
      .flatMap((checkpoint) => [{ checkpoint, depth }, ...below(checkpoint.id, depth + 1)]);
  return below(null, 0);
}

export type FigureName = Exclude<keyof Figures, "objects" | "frames">;

export interface FigureWords {
  name: FigureName;
  label: string;
  hint: string;
  /** Of an error, less is better. */
  lessIsBetter?: boolean;
}

export const FIGURES: readonly FigureWords[] = [
  {
    name: "jf_mask",
    label: "Tracking from a mask",
    hint: "J&F over the clip, given the mask of the first frame",
  },
  {
    name: "jf_1_click",
    label: "Tracking from one click",
    hint: "J&F over the clip, given one click on the first frame",
  },
  { name: "iou_1_click", label: "One click", hint: "IoU on a single frame after one click" },
  { name: "iou_3_clicks", label: "Three clicks", hint: "IoU on a single frame after three clicks" },
  {
    name: "present_recall",
    label: "Present, called present",
    hint: "share of frames that show the object and are said to",
  },
  {
    name: "absent_recall",
    label: "Absent, called absent",
    hint: "share of frames without the object that are said to be",
  },
  {
    name: "iou_calibration_error",
    label: "Error of predicted IoU",
    hint: "how far the model’s own estimate is off; less is better",
    lessIsBetter: true,
  },
];

export interface Gain {
  words: FigureWords;
  base: number;
  candidate: number;
  /** What the candidate is better by, whichever way better is. */
  gain: number;
}

/** The figures that both have. */
export function gains({ base, candidate }: Comparison): Gain[] {
  return FIGURES.flatMap((words) => {
    const [before, after] = [base[words.name], candidate[words.name]];
    if (before === undefined || after === undefined) return [];
    return [
      { words, base: before, candidate: after, gain: words.lessIsBetter ? before - after : after - before },
    ];
  });
}

/**
 * The one figure that stands for all: tracking on what was kept aside, or on rendered footage where nothing
 * was.
 */
export function headline(checkpoint: Checkpoint): Gain | null {
  const comparison = checkpoint.evaluation?.held_out ?? checkpoint.evaluation?.rendered;
  return comparison ? (gains(comparison)[0] ?? null) : null;
}

/** A difference that the digits we show can tell. */
export type Verdict = "better" | "worse" | "same";
export const verdict = (gain: number): Verdict =>
  gain >= 0.0005 ? "better" : gain <= -0.0005 ? "worse" : "same";
