import { expect, it } from "vitest";

import { doubtAt, heatOf, lookOf, nextLook } from "./looks";

const place = { frame_idx: 4, first_frame: 3, last_frame: 5, score: 0.8, reason: "object_lost" } as const;
const lane = { segments: [], doubts: new Map([[4, "lost"]]), places: [place] };

it("tells the doubt of a frame by the stretch it is in", () => {
  expect(doubtAt(lane, 5)).toBe(0.8);
  expect(doubtAt(lane, 6)).toBe(0);
});

it("draws doubt dashed in every look, so that colour alone tells nothing", () => {
  for (const look of ["filled", "outline", "cut out", "heat"] as const) {
    expect(lookOf(look, "red", lane, 4).doubtful).toBe(true);
    expect(lookOf(look, "red", lane, 0).doubtful).toBe(false);
  }
  expect(lookOf("cut out", "red", lane, 4)).toMatchObject({ cutOut: true, fill: 0 });
});

it("goes round", () => {
  expect(nextLook("heat")).toBe("filled");
  expect(heatOf(0)).not.toBe(heatOf(1));
});
