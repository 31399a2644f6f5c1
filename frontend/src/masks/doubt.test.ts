import { describe, expect, it } from "vitest";

import { doubtOf } from "./doubt";

describe("doubtOf", () => {
  it.each([
    [{ predicted_iou: 0.95, object_score: 6, stability: 0.97 }, null],
    [{ predicted_iou: 0.5, object_score: 6, stability: 0.97 }, "the mask may be wrong"],
    [{ predicted_iou: 0.95, object_score: 0.2, stability: 0.97 }, "the object may be hidden"],
    [{ predicted_iou: 0.95, object_score: -0.4, stability: 0.97 }, "the object may be hidden"],
    [{ predicted_iou: 0.95, object_score: 6, stability: 0.5 }, "the outline is unsure"],
    [{ predicted_iou: null, object_score: null, stability: null }, null],
  ])("%o: %s", (scores, doubt) => {
    expect(doubtOf(scores)).toBe(doubt);
  });

  it("asks for no look at a surely absent object", () => {
    expect(doubtOf({ predicted_iou: 0.1, object_score: -7, stability: 0.1 })).toBeNull();
  });
});
