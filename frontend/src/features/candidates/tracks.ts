/** Candidates as tracks: where each is there, in runs of frames. */

export interface Stretch {
  first: number;
  last: number;
}

/** The runs of frames on which an object is there, from its area on each frame. */
export function stretches(areas: readonly number[]): Stretch[] {
  const found: Stretch[] = [];
  areas.forEach((area, j) => {
    if (area === 0) return;
    const open = found.at(-1);
    if (open?.last === j - 1) open.last = j;
    else found.push({ first: j, last: j });
  });
  return found;
}

/** Steps through a list, stopping at its ends; the first where nothing was focused. */
export function step<T extends { id: number }>(
  rows: readonly T[],
  focused: number | null,
  by: number,
): T | null {
  const at = rows.findIndex(({ id }) => id === focused);
  const next = at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by));
  return rows[next] ?? null;
}
