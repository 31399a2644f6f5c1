import { describe, expect, it } from "vitest";

import { mostDoubtful, sheetFrames } from "./sheet";

describe("mostDoubtful", () => {
  it("puts what is likely wrong first, each frame once", () => {
    expect(mostDoubtful([0, 5, 9, 12], [9, 30], 4)).toEqual([9, 30, 0, 5]);
  });
});

describe("sheetFrames", () => {
  it("shows all frames of a short video", () => {
    expect(sheetFrames(5, 16, [])).toEqual([0, 1, 2, 3, 4]);
  });

  it("spreads over a long one, from the first to the last", () => {
    const frames = sheetFrames(500, 16, []);
    expect(frames).toHaveLength(16);
    expect(frames[0]).toBe(0);
    expect(frames.at(-1)).toBe(499);
  });

  it("takes in what someone should look at, in its place", () => {
    const frames = sheetFrames(500, 16, [123, 321]);
    expect(frames).toHaveLength(16);
    expect(frames).toEqual(expect.arrayContaining([123, 321]));
    expect(frames).toEqual([...frames].sort((a, b) => a - b));
  });

  it("leaves room for the rest when much should be looked at", () => {
    const frames = sheetFrames(
      500,
      15,
      Array.from({ length: 100 }, (_, i) => 200 + i),
    );
    expect(frames.filter((j) => j < 200 || j >= 300).length).toBeGreaterThanOrEqual(7);
  });
});
