/**
 * Object colours: Okabe and Ito's, then hues a golden angle apart at one lightness. Their black is replaced
 * by a light grey, since the picture's surround and the halo are dark; orange comes last, since "look here"
 * is amber.
 */
const FIRST = ["#56b4e9", "#cc79a7", "#009e73", "#f0e442", "#4d9bff", "#e8702a", "#d9d9d9", "#e69f00"];

const GOLDEN_ANGLE = 137.508;

/** The colour of object number `objectId`, the same everywhere it is drawn. */
export function colourOf(objectId: number): string {
  const index = Math.max(0, Math.trunc(objectId) - 1);
  const first = FIRST[index];
  if (first !== undefined) return first;
  const hue = ((index - FIRST.length) * GOLDEN_ANGLE + 20) % 360;
  return `oklch(0.76 0.15 ${hue.toFixed(1)})`;
}
