import { expect, test } from "vitest";

import { frameWords, looksSaved, percent, reasonWord } from "./words";

test("shares are told in per cent", () => {
  expect(percent(0.954)).toBe("95 %");
  expect(percent(0.954, 1)).toBe("95.4 %");
});

test("some looks are never saved", () => {
  expect(looksSaved(0.5, 0.1)).toBeCloseTo(0.45);
});

test("frames are counted as people see them", () => {
  expect(frameWords(6, 6)).toBe("frame 7");
  expect(frameWords(6, 11)).toBe("frames 7 to 12");
});

test("a reason that nobody has a word for still reads", () => {
  expect(reasonWord("leaks")).toBe("leaks onto something else");
  expect(reasonWord("too_dark")).toBe("too dark");
});
