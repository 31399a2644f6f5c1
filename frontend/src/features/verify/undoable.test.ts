import { expect, it } from "vitest";

import type { Review, Verdict } from "@/api/models";

import { secondsLeft, undoableFrom } from "./undoable";

it("offers to take a verdict back for a little less long than the server does", () => {
  const verdict = { id: 5, verdict: "reject", undo_seconds: 60 } as unknown as Verdict;
  const review = { id: 9, label: "dog", video_name: "park.mp4" } as unknown as Review;
  const undoable = undoableFrom(verdict, review, 1_000);
  expect(undoable).toMatchObject({ verdict: 5, review: 9, name: "dog", value: "reject" });
  expect(secondsLeft(undoable, 1_000)).toBe(57);
  expect(secondsLeft(undoable, 60_000)).toBe(0);
});
