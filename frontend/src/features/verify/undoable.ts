/** The verdict given last in this tab, which the page of the next masklet can still take back. */
import type { Review, Verdict, VerdictValue } from "@/api/models";

export interface Undoable {
  verdict: number;
  review: number;
  /** What was looked at, in words. */
  name: string;
  value: VerdictValue;
  /** Milliseconds of this browser's clock until which it may be taken back. */
  until: number;
}

/** The request takes its time: the offer ends a little before the server's does. */
const MARGIN_SECONDS = 3;

export function undoableFrom(verdict: Verdict, review: Review, now: number): Undoable {
  const { id, verdict: value, undo_seconds } = verdict;
  const until = now + (undo_seconds - MARGIN_SECONDS) * 1000;
  return { verdict: id, review: review.id, name: review.label || review.video_name, value, until };
}

/** Whole seconds in which it can still be taken back. */
export const secondsLeft = ({ until }: Undoable, now: number): number =>
  Math.max(0, Math.ceil((until - now) / 1000));
