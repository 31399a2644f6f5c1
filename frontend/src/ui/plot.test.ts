import { expect, test } from "vitest";

import { axis, place, smooth } from "./plot";

test.each([
  [
    [0, 400],
    [0, 100, 200, 300, 400],
  ],
  [
    [0.512, 0.731],
    [0.5, 0.6, 0.7, 0.8],
  ],
  [
    [2.9, 0.31],
    [0, 1, 2, 3],
  ],
  [
    [-0.2, 0.2],
    [-0.2, -0.1, 0, 0.1, 0.2],
  ],
])("an axis over %j has round ticks that hold all of it", (values, ticks) => {
  const found = axis(values);
  expect(found.ticks).toEqual(ticks);
  expect(found.from).toBeLessThanOrEqual(Math.min(...values));
  expect(found.to).toBeGreaterThanOrEqual(Math.max(...values));
});

test("a single value and a single zero have an axis too", () => {
  for (const value of [0, 0.7, -3]) {
    const { from, to } = axis([value]);
    expect(from).toBeLessThan(to);
    expect(place(value, axis([value]), 100)).toBeGreaterThanOrEqual(0);
  }
});

test("few points are drawn as they are, many are smoothed", () => {
  expect(
    smooth([
      [1, 5],
      [2, 1],
    ]),
  ).toEqual([
    [1, 5],
    [2, 1],
  ]);
  const noisy = Array.from({ length: 400 }, (_, i) => [i, i % 2] as const);
  expect(Math.max(...smooth(noisy).map(([, y]) => Math.abs(y - 0.5)))).toBeLessThan(0.1);
});
