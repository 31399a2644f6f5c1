/** Numbers of the pre-verifier in words. */

export const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)} %`;

/**
 * What a person would not have to look at, were the likeliest right `passed` (a share) passed without
 * people.
 */
export const looksSaved = (passed: number, peopleShare: number): number => passed * (1 - peopleShare);

/** Why a mask is likely wrong, as reviewers say it. */
const REASONS: Record<string, string> = {
  wrong_object: "another object",
  drifts: "drifts off the object",
  misses_parts: "misses parts",
  leaks: "leaks onto something else",
  flickers: "flickers",
  wrong_when_hidden: "wrong about whether it is there",
};

export const reasonWord = (reason: string): string => REASONS[reason] ?? reason.replaceAll("_", " ");

/** "frame 7" or "frames 7 to 12", counted from 1 as people see them. */
export const frameWords = (first: number, last: number): string =>
  first === last ? `frame ${first + 1}` : `frames ${first + 1} to ${last + 1}`;
