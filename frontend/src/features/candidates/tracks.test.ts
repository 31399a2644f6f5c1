import { expect, test } from "vitest";

import { step, stretches } from "./tracks";

test("an object that goes and comes back has two stretches", () => {
  expect(stretches([0, 4, 5, 0, 0, 3])).toEqual([
    { first: 1, last: 2 },
    { first: 5, last: 5 },
  ]);
  expect(stretches([])).toEqual([]);
  expect(stretches([0, 0])).toEqual([]);
});

test("steps stop at the ends and begin at the first", () => {
  const rows = [{ id: 7 }, { id: 8 }, { id: 9 }];
  expect(step(rows, null, 1)?.id).toBe(7);
  expect(step(rows, 8, 1)?.id).toBe(9);
  expect(step(rows, 9, 1)?.id).toBe(9);
  expect(step(rows, 8, -5)?.id).toBe(7);
  expect(step(rows, 3, 1)?.id).toBe(7);
  expect(step([], 7, 1)).toBeNull();
});
