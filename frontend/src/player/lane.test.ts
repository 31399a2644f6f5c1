import { describe, expect, it } from "vitest";

import { laneOf, neighbour } from "./lane";

const size: [number, number] = [4, 5];
const seen = { counts: "11b0", predicted_iou: 0.9, object_score: 8, stability: 0.95 };
const gone = { ...seen, counts: "d0", object_score: -8 };
const doubt = { frame_idx: 4, first_frame: 4, last_frame: 5, score: 0.7, reason: "unstable_edge" } as const;

describe("laneOf", () => {
  const frames = new Map([seen, seen, gone, seen, gone, seen].map((frame, j) => [j + 1, frame]));

  it("tells where the object is, where it is gone, where to look and where nothing is known", () => {
    const { segments, doubts, places } = laneOf(frames, 8, size, [doubt]);
    expect(segments).toEqual([
      { kind: "visible", from: 1, to: 3 },
      { kind: "absent", from: 3, to: 4 },
      { kind: "doubt", from: 4, to: 6 },
      { kind: "visible", from: 6, to: 7 },
    ]);
    expect([...doubts]).toEqual([
      [4, "the outline is unsure"],
      [5, "the outline is unsure"],
    ]);
    expect(places).toEqual([doubt]);
  });

  it("shows each frame that waits for a person, where every frame does", () => {
    const { segments } = laneOf(frames, 8, size, [], new Set(), true);
    expect(segments.filter(({ kind }) => kind === "toDo")).toEqual([
      { kind: "toDo", from: 0, to: 1 },
      { kind: "toDo", from: 7, to: 8 },
    ]);
  });

  it("does not send one to a frame that was prompted, but still doubts its neighbours", () => {
    const { doubts, places } = laneOf(frames, 8, size, [doubt], new Set([4]));
    expect([...doubts.keys()]).toEqual([5]);
    expect(places).toEqual([]);
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
