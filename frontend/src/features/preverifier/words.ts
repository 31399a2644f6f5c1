/** Numbers of the pre-verifier in words. */

export const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)} %`;

/**
 * What a person would not have to look at, were the likeliest right `passed` (a share) passed without
 * people.
 */
export const looksSaved = (passed: number, peopleShare: number): number => passed * (1 - peopleShare);
