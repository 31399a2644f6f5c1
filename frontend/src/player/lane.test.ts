import { describe, expect, it } from "vitest";

import { laneOf, neighbour } from "./lane";

const size: [number, number] = [4, 5];
const seen = { counts: "11b0", predicted_iou: 0.9, object_score: 8, stability: 0.95 };
const gone = { ...seen, counts: "d0", object_score: -8 };
const unsure = { ...seen, predicted_iou: 0.4 };

describe("laneOf", () => {
  it("tells where the object is, where it is gone, where to look and where nothing is known", () => {
    const frames = new Map([seen, seen, gone, unsure, seen].map((frame, j) => [j + 1, frame]));
    const { segments, doubts } = laneOf(frames, 8, size, new Set());
    expect(segments).toEqual([
      { kind: "visible", from: 1, to: 3 },
      { kind: "absent", from: 3, to: 4 },
      { kind: "doubt", from: 4, to: 5 },
      { kind: "visible", from: 5, to: 6 },
    ]);
    expect([...doubts]).toEqual([[4, "the mask may be wrong"]]);
  });

  it("does not doubt what a person has prompted", () => {
    expect(laneOf(new Map([[0, unsure]]), 1, size, new Set([0])).doubts.size).toBe(0);
  });
});

describe("neighbour", () => {
  it("finds the nearest on either side", () => {
    expect(neighbour([9, 2, 5], 4, 1)).toBe(5);
    expect(neighbour([9, 2, 5], 5, 1)).toBe(9);
    expect(neighbour([9, 2, 5], 5, -1)).toBe(2);
    expect(neighbour([9, 2, 5], 2, -1)).toBeNull();
  });
});
