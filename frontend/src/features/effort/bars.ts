import type { Effort, EffortRow } from "@/api/models";

import type { Bar } from "@/ui";

/** As many as one takes in at a glance. */
export const SHOWN = 12;

/** The rows worth drawing: the last weeks, the phases in order, else those with the most work. */
export function drawn({ by, rows }: Pick<Effort, "by" | "rows">): EffortRow[] {
  const worked = rows.filter(
    ({ active_seconds, wait_seconds, seconds_per_frame }) =>
      active_seconds + wait_seconds > 0 || seconds_per_frame !== null,
  );
  if (worked.length <= SHOWN) return worked;
  if (by === "week") return [...worked].sort((a, b) => a.key.localeCompare(b.key)).slice(-SHOWN);
  return [...worked].sort((a, b) => b.active_seconds - a.active_seconds).slice(0, SHOWN);
}

/** @param phase the phase that all of it was done in, if one; the paper's time is its mark. */
export function timeBars(
  rows: readonly EffortRow[],
  { by, paper }: Pick<Effort, "by" | "paper">,
  phase?: number,
): Bar[] {
  const paperOf = (row: EffortRow) =>
    paper.find((one) => (by === "phase" ? String(one.phase) === row.key : one.phase === phase));
  return rows.flatMap((row) =>
    row.seconds_per_frame === null
      ? []
      : [
          {
            key: row.key,
            label: row.label,
            parts: [row.seconds_per_frame],
            words: `${row.seconds_per_frame.toFixed(1)} s`,
            mark: paperOf(row)?.seconds_per_frame ?? undefined,
          },
        ],
  );
}

export const waitBars = (rows: readonly EffortRow[]): Bar[] =>
  rows.flatMap(({ key, label, active_seconds: active, wait_seconds: wait }) =>
    active + wait === 0 ? [] : [{ key, label, parts: [active, wait], words: waiting(active, wait) }],
  );

/** "12 % waiting". */
export const waiting = (active: number, wait: number): string =>
  `${Math.round((100 * wait) / (active + wait))} % waiting`;

export const described = (bars: readonly Bar[]): string =>
  bars.map(({ label, words }) => `${label}: ${words}`).join("; ") + ".";
