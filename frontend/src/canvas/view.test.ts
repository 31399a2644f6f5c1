import { describe, expect, it } from "vitest";

import { fit, onFrame, ontoFrame, pan, resize, toFrame, toScreen, zoom, type Point } from "./view";

const frame = { width: 480, height: 270 };
const stage = { width: 1200, height: 800 };

describe("the view", () => {
  it("fits the whole frame in the middle", () => {
    const view = fit(frame, stage);
    const [left, top] = toScreen(view, [0, 0]);
    const [right, bottom] = toScreen(view, [480, 270]);
    expect(left).toBeCloseTo(1200 - right);
    expect(top).toBeCloseTo(800 - bottom);
    expect(left).toBeGreaterThan(0);
    expect(top).toBeGreaterThan(0);
  });

  it("maps a point to the screen and back, wherever one has zoomed and panned to", () => {
    let view = fit(frame, stage);
    const point: Point = [123.25, 67.5];
    for (const [factor, dx, dy] of [
      [2, 30, -50],
      [1.5, -200, 10],
      [0.2, 5, 5],
      [8, 0, 300],
    ] as const) {
      view = pan(zoom(view, factor, [400, 300], frame, stage), dx, dy, frame, stage);
      const [x, y] = toFrame(view, toScreen(view, point));
      expect(x).toBeCloseTo(point[0], 6);
      expect(y).toBeCloseTo(point[1], 6);
    }
  });

  it("keeps the pixel under the pointer under the pointer while zooming", () => {
    const at: Point = [700, 350];
    const before = fit(frame, stage);
    const after = zoom(before, 3, at, frame, stage);
    expect(after.scale).toBeCloseTo(before.scale * 3);
    expect(toFrame(after, at)[0]).toBeCloseTo(toFrame(before, at)[0]);
    expect(toFrame(after, at)[1]).toBeCloseTo(toFrame(before, at)[1]);
  });

  it("never loses the picture, however far one pans or zooms", () => {
    let view = fit(frame, stage);
    for (const [dx, dy] of [
      [9e5, 0],
      [-9e5, 9e5],
      [0, -9e5],
    ] as const) {
      view = pan(view, dx, dy, frame, stage);
      const [left, top] = toScreen(view, [0, 0]);
      const [right, bottom] = toScreen(view, [480, 270]);
      expect(Math.min(right, stage.width) - Math.max(left, 0)).toBeGreaterThanOrEqual(90);
      expect(Math.min(bottom, stage.height) - Math.max(top, 0)).toBeGreaterThanOrEqual(90);
    }
    expect(zoom(view, 1e9, [0, 0], frame, stage).scale).toBe(40);
    expect(zoom(view, 1e-9, [0, 0], frame, stage).scale).toBeGreaterThan(0.1);
  });

  it("keeps the middle in the middle when the stage changes its size", () => {
    const view = zoom(fit(frame, stage), 4, [300, 300], frame, stage);
    const smaller = { width: 900, height: 500 };
    const after = resize(view, stage, smaller, frame);
    expect(toFrame(after, [450, 250])[0]).toBeCloseTo(toFrame(view, [600, 400])[0]);
    expect(toFrame(after, [450, 250])[1]).toBeCloseTo(toFrame(view, [600, 400])[1]);
  });

  it("knows what lies on the frame", () => {
    expect(onFrame([0, 0], frame)).toBe(true);
    expect(onFrame([480, 100], frame)).toBe(false);
    expect(onFrame([10, -0.1], frame)).toBe(false);
    expect(ontoFrame([-4, 900], frame)).toEqual([0, 270]);
  });
});
