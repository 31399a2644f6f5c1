import type { GateEvaluation } from "@/api/models";

const WORDS: Record<string, string> = {
  old_look: "Old look, tracking from a mask",
  old_look_absence: "Old look, absent called absent",
  absence: "Absent called absent",
  small: "Small objects, tracking from a mask",
};

export interface GuardRow {
  name: string;
  words: string;
  before: number;
  after: number;
  allowed: number;
  holds: boolean;
}

export const guardRows = ({ guards }: GateEvaluation): GuardRow[] =>
  Object.entries(guards).map(([name, { before, after, allowed }]) => ({
    name,
    words: WORDS[name] ?? name,
    before,
    after,
    allowed,
    holds: before - after <= allowed,
  }));

export interface SliceRow {
  name: string;
  objects: number;
  before: number | null;
  after: number | null;
  secondsBefore: number | null;
  secondsAfter: number | null;
}

/** The slices that both were measured on. */
export function sliceRows({ figures }: GateEvaluation): SliceRow[] {
  const { champion = {}, candidate = {} } = figures;
  return Object.entries(candidate).flatMap(([name, after]) => {
    const before = champion[name];
    if (!before) return [];
    return [
      {
        name,
        objects: after.objects,
        before: before.jf_1_click,
        after: after.jf_1_click,
        secondsBefore: before.seconds_per_frame,
        secondsAfter: after.seconds_per_frame,
      },
    ];
  });
}
