/**
 * The frames of a contact sheet: `most` of them, spread evenly from the first to the last, with the
 * places of honour for the first of those that someone should look at.
 */
export function sheetFrames(count: number, most: number, wanted: readonly number[]): number[] {
  if (count <= most) return Array.from({ length: count }, (_, j) => j);
  const chosen = new Set(wanted.filter((j) => j >= 0 && j < count).slice(0, Math.floor(most / 3)));
  for (const j of spread(
    Array.from({ length: count }, (_, i) => i),
    most,
  )) {
    if (chosen.size >= most) break;
    chosen.add(j);
  }
  return [...chosen].sort((a, b) => a - b);
}

/** The same with what is likely wrong first, in the order in which to look; the rest stays in time. */
export function mostDoubtful(inTime: readonly number[], wanted: readonly number[], most: number): number[] {
  const first = wanted.slice(0, most);
  return [...first, ...inTime.filter((j) => !first.includes(j))].slice(0, most);
}

/** At most `most` of `items`, evenly spread, the first and the last among them. */
function spread(items: readonly number[], most: number): number[] {
  if (items.length <= most) return [...items];
  return Array.from(
    { length: most },
    (_, i) => items[Math.round((i * (items.length - 1)) / Math.max(1, most - 1))] ?? 0,
  );
}
