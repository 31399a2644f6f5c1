import { expect, test } from "vitest";

import { frameWords, reasonWord } from "./whyWords";

test("frames are counted as people see them", () => {
  expect(frameWords(6, 6)).toBe("frame 7");
  expect(frameWords(6, 11)).toBe("frames 7 to 12");
});

test("a reason that nobody has a word for still reads", () => {
  expect(reasonWord("leaks")).toBe("leaks onto something else");
  expect(reasonWord("too_dark")).toBe("too dark");
});
