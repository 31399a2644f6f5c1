/** The verdict given last in this tab, which the page of the next masklet can still take back. */
import type { Id, Verdict, VerdictValue } from "@/api/models";

export interface Undoable {
  verdict: Id;
  masklet: Id;
  objectId: number;
  value: VerdictValue;
  /** Milliseconds of this browser's clock until which it may be taken back. */
  until: number;
}

/** The request takes its time: the offer ends a little before the server's does. */
const MARGIN_SECONDS = 3;

export function undoableFrom(verdict: Verdict, objectId: number, now: number): Undoable {
  const { id, masklet, verdict: value, undo_seconds } = verdict;
  const until = now + (undo_seconds - MARGIN_SECONDS) * 1000;
  return { verdict: id, masklet, objectId, value, until };
}

/** Whole seconds in which it can still be taken back. */
export const secondsLeft = ({ until }: Undoable, now: number): number =>
  Math.max(0, Math.ceil((until - now) / 1000));
