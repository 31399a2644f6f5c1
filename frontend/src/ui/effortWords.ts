/** The figures of effort as the paper prints them. */

/** Stands where nothing was measured. */
export const NOTHING = "–";

export const frameTime = (seconds: number | null | undefined): string =>
  seconds == null ? NOTHING : `${seconds.toFixed(1)} s`;

/** 0.2325 → "23.25 %". */
export const share = (value: number | null | undefined, digits: number): string =>
  value == null ? NOTHING : `${(100 * value).toFixed(digits)} %`;

export const clicks = (value: number | null | undefined): string =>
  value == null ? NOTHING : value.toFixed(2);
