import { expect, it } from "vitest";

import type { Verdict } from "@/api/models";

import { secondsLeft, undoableFrom } from "./undoable";

it.each([
  [60, 57],
  [10, 7],
])("offers to take a verdict back for a little less than the server's %i seconds", (undo_seconds, left) => {
  const verdict = { id: 5, masklet: 9, verdict: "reject", undo_seconds } as unknown as Verdict;
  const undoable = undoableFrom(verdict, 3, 1_000);
  expect(undoable).toMatchObject({ verdict: 5, masklet: 9, objectId: 3, value: "reject" });
  expect(secondsLeft(undoable, 1_000)).toBe(left);
  expect(secondsLeft(undoable, 60_000)).toBe(0);
});
