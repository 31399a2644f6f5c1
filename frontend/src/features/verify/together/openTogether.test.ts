import { expect, test } from "vitest";

import { idsIn, togetherPath } from "./openTogether";

test("an address names reviews, each once, and nothing else", () => {
  expect(idsIn("7-12-7-x--3.5-0")).toEqual([7, 12]);
  expect(idsIn("")).toEqual([]);
  expect(idsIn(togetherPath([3, 1, 2]).split("/").at(-1) ?? "")).toEqual([3, 1, 2]);
});
