/** What the pre-verifier says of a place, in words. */

const REASONS: Record<string, string> = {
  wrong_object: "another object",
  drifts: "drifts off the object",
  misses_parts: "misses parts",
  leaks: "leaks onto something else",
  flickers: "flickers",
  wrong_when_hidden: "wrong about whether it is there",
};

/** Why a mask is likely wrong, as reviewers say it. */
export const reasonWord = (reason: string): string => REASONS[reason] ?? reason.replaceAll("_", " ");

/** "frame 7" or "frames 7 to 12", counted from 1 as people see them. */
export const frameWords = (first: number, last: number): string =>
  first === last ? `frame ${first + 1}` : `frames ${first + 1} to ${last + 1}`;
