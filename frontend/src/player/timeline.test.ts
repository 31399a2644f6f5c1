import { describe, expect, it } from "vitest";

import { annotatedAt, clock, seekTime, timelineAt, timelineAtTime, type Timeline } from "./timeline";

const timeline: Timeline = { fps: 24, every: 4, length: 94, count: 24 };

describe("the two clocks of a video", () => {
  it("shows annotated frame floor(t / k) while timeline frame t plays", () => {
    expect([0, 3, 4, 7, 8, 93].map((t) => annotatedAt(timeline, t))).toEqual([0, 0, 1, 1, 2, 23]);
  });

  it("puts annotated frame j on timeline frame k · j", () => {
    expect([0, 1, 23].map((j) => timelineAt(timeline, j))).toEqual([0, 4, 92]);
  });

  it("comes back to the frame that it seeks, however the container rounds its times", () => {
    for (const fps of [24, 23.976, 25, 29.97, 30, 60]) {
      const long = { ...timeline, fps, length: 5000, count: 1250 };
      const all = Array.from({ length: long.length }, (_, t) => t);
      const rounded = (t: number) => Math.round((t / fps) * 1000) / 1000;
      expect(all.map((t) => timelineAtTime(long, seekTime(long, t)))).toEqual(all);
      expect(all.map((t) => timelineAtTime(long, rounded(t)))).toEqual(all);
    }
  });

  it("stays inside the video", () => {
    expect(timelineAtTime(timeline, 99)).toBe(93);
    expect(timelineAtTime(timeline, -1)).toBe(0);
    expect(annotatedAt(timeline, 500)).toBe(23);
  });

  it("tells the time in minutes, seconds and tenths", () => {
    expect([0, 3.5, 59.99, 60, 125.25].map(clock)).toEqual([
      "0:00.0",
      "0:03.5",
      "0:59.9",
      "1:00.0",
      "2:05.2",
    ]);
  });
});
