import { expect, it } from "vitest";

import type { Verdict } from "@/api/models";

import { givenFrom, secondsLeft } from "./given";

it("offers to take a verdict back for a little less than the server's minute", () => {
  const verdict = { id: 5, verdict: "reject" } as unknown as Verdict;
  const given = givenFrom(verdict, 9, "dog", 1_000);
  expect(given).toMatchObject({ verdict: 5, review: 9, name: "dog", value: "reject" });
  expect(secondsLeft(given, 1_000)).toBe(57);
  expect(secondsLeft(given, 60_000)).toBe(0);
});
