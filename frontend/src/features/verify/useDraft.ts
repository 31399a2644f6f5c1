import { useState } from "react";

import type { Pin, VerdictValue } from "@/api/models";

import type { Reason } from "./reasons";

export const MOST_PINS = 20;
export const MOST_STROKES = 10;

/** What one is about to say: reasons, a comment, and notes on frames. */
export function useDraft() {
  const [reasons, setReasons] = useState<ReadonlySet<Reason>>(new Set());
  const [comment, setComment] = useState("");
  const [pins, setPins] = useState<readonly Pin[]>([]);
  const [problem, setProblem] = useState<string>();

  const toggle = (code: Reason) => {
    setProblem(undefined);
    setReasons((before) => {
      const after = new Set(before);
      if (!after.delete(code)) after.add(code);
      return after;
    });
  };
  /** A change of the pin on `frame`, which is made if it is not there. */
  const pin = (frame: number, change: (pin: Pin) => Pin = (same) => same) => {
    setProblem(undefined);
    setPins((before) => changed(before, frame, change));
  };
  const unpin = (frame: number) => setPins((before) => before.filter(({ frame_idx }) => frame_idx !== frame));
  const write = (text: string) => {
    setProblem(undefined);
    setComment(text);
  };
  const told = pins.filter(({ note, strokes }) => note.trim() !== "" || strokes.length > 0);
  return { reasons, comment, pins, problem, toggle, pin, unpin, write, setProblem, told };
}

export type Draft = ReturnType<typeof useDraft>;

/** `pins` in the order of their frames; no more than the server takes. */
export function changed(pins: readonly Pin[], frame: number, change: (pin: Pin) => Pin): readonly Pin[] {
  const old = pins.find(({ frame_idx }) => frame_idx === frame);
  if (!old && pins.length >= MOST_PINS) return pins;
  const made = change(old ?? { frame_idx: frame, note: "", strokes: [] });
  return [...pins.filter((each) => each !== old), made].sort((a, b) => a.frame_idx - b.frame_idx);
}

/** A box as a stroke round it. */
export const around = ([x0, y0, x1, y1]: readonly [number, number, number, number]): number[][] => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
  [x0, y0],
];

/** Why this verdict does not go with what is said; `undefined` where it does. */
export function disagreement(verdict: VerdictValue, { reasons, comment, told }: Pick<Draft, "reasons" | "comment" | "told">): string | undefined {
  if (verdict === "unsatisfactory" && reasons.size === 0 && !comment.trim() && told.length === 0)
    return "Say what to refine: tick a reason, write a comment or pin a frame with M.";
  if (verdict === "satisfactory" && (reasons.size > 0 || told.length > 0)) return "Take the reasons and pins away first, or choose unsatisfactory.";
  return undefined;
}
