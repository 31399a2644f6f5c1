/** Arithmetic of a line plot: axes with round numbers, points in a box. */

export type Point = readonly [x: number, y: number];

export interface Series {
  name: string;
  points: readonly Point[];
}

export interface Axis {
  from: number;
  to: number;
  ticks: number[];
}

/** An axis that holds `values` and has about `count` round ticks. */
export function axis(values: readonly number[], count = 4): Axis {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = most - least || Math.abs(most) || 1;
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(Math.ceil(most / step - 1e-9), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  return { from: ticks[0], to: ticks[ticks.length - 1], ticks };
}

/** Where a value lies on an axis that is `length` long. */
export const place = (value: number, { from, to }: Axis, length: number): number =>
  ((value - from) / (to - from)) * length;

/** A quieter line through noisy points: the mean of those around each, as many as a twentieth of all. */
export function smooth(points: readonly Point[]): Point[] {
  const reach = Math.floor(points.length / 40);
  return points.map(([x], i) => {
    const around = points.slice(Math.max(0, i - reach), i + reach + 1);
    return [x, around.reduce((sum, [, y]) => sum + y, 0) / around.length];
  });
}
