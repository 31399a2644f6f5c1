import { describe, expect, it } from "vitest";

import type { Doubt } from "@/api/models";

import { nextPlace } from "./doubt";

const place = (frame_idx: number, last_frame = frame_idx): Doubt => ({
  frame_idx,
  first_frame: frame_idx,
  last_frame,
  score: 0.8,
  reason: "unstable_edge",
});

describe("nextPlace", () => {
  const places = [place(20, 29), place(3), place(50, 51)];

  it("begins with the place that matters most, wherever one stands", () => {
    expect(nextPlace(places, 0)).toBe(20);
    expect(nextPlace(places, 40)).toBe(20);
  });

  it("goes on to the next in order from within a place, and round again", () => {
    expect(nextPlace(places, 24)).toBe(3);
    expect(nextPlace(places, 3)).toBe(50);
    expect(nextPlace(places, 51)).toBe(20);
  });

  it("goes nowhere when nothing is doubted", () => {
    expect(nextPlace([], 7)).toBeNull();
  });
});
