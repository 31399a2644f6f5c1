import { expect, test } from "vitest";

import { looksSaved, percent } from "./words";

test("shares are told in per cent", () => {
  expect(percent(0.954)).toBe("95 %");
  expect(percent(0.954, 1)).toBe("95.4 %");
});

test("some looks are never saved", () => {
  expect(looksSaved(0.5, 0.1)).toBeCloseTo(0.45);
});
