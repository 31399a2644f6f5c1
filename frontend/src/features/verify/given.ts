/** The verdict that was given last in this tab, so that the page of the next masklet can take it back. */
import type { Id, Verdict, VerdictValue } from "@/api/models";

export interface Given {
  verdict: Id;
  masklet: Id;
  objectId: number;
  value: VerdictValue;
  /** Milliseconds of this browser's clock until which it may be taken back. */
  until: number;
}

const UNDO_SECONDS = 60;
/** The request takes its time: the offer ends a little before the server's minute does. */
const MARGIN_SECONDS = 3;

export function givenFrom(verdict: Verdict, objectId: number, now: number): Given {
  const { id, masklet, verdict: value } = verdict;
  return { verdict: id, masklet, objectId, value, until: now + (UNDO_SECONDS - MARGIN_SECONDS) * 1000 };
}

/** Whole seconds in which it can still be taken back. */
export const secondsLeft = (given: Given, now: number): number =>
  Math.max(0, Math.ceil((given.until - now) / 1000));
