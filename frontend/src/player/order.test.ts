import { describe, expect, it } from "vitest";

import { prefetchOrder } from "./order";

describe("prefetchOrder", () => {
  it("starts with the frame on show and looks mostly ahead", () => {
    expect(prefetchOrder(10, 1, 100, 4, 2)).toEqual([10, 11, 9, 12, 8, 13, 14]);
  });

  it("turns with the direction of travel", () => {
    expect(prefetchOrder(10, -1, 100, 3, 1)).toEqual([10, 9, 11, 8, 7]);
  });

  it("stays inside the video", () => {
    expect(prefetchOrder(0, -1, 3, 4, 4)).toEqual([0, 1, 2]);
  });
});
