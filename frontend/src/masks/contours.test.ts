import { describe, expect, it } from "vitest";

import { trace, type Contours } from "./contours";

const traceRows = (...rows: string[]) =>
  trace(Uint8Array.from(rows.join(""), Number), rows.length, rows[0].length);

/** Twice the area that the rings enclose, holes taken away. */
function enclosed({ points, ends }: Contours): number {
  let sum = 0;
  let start = 0;
  for (const end of ends) {
    for (let i = start; i < end; i++) {
      const j = i + 1 === end ? start : i + 1;
      sum += points[2 * i] * points[2 * j + 1] - points[2 * j] * points[2 * i + 1];
    }
    start = end;
  }
  return sum / 2;
}

describe("trace", () => {
  it("finds nothing where nothing is", () => {
    const contours = traceRows("000", "000");
    expect(contours.ends).toHaveLength(0);
    expect(contours).toMatchObject({ area: 0, bounds: null });
  });

  it("draws one pixel as a diamond around its middle", () => {
    const { points, ends, bounds } = traceRows("000", "010", "000");
    expect([...points]).toEqual([1.5, 1, 2, 1.5, 1.5, 2, 1, 1.5]);
    expect([...ends]).toEqual([4]);
    expect(bounds).toEqual([1, 1, 2, 2]);
  });

  it("keeps straight edges where they are, with few points", () => {
    const contours = traceRows("00000000", "01111110", "01111110", "01111110", "01111110", "00000000");
    expect(contours.points.length / 2).toBe(8);
    // Half of one eighth of a pixel lost at each corner.
    expect(enclosed(contours)).toBeCloseTo(24 - 4 / 8);
    expect(contours).toMatchObject({ area: 24, bounds: [1, 1, 7, 5] });
  });

  it("gives a hole a ring of its own, the other way round", () => {
    const contours = traceRows("11111", "11111", "11011", "11111", "11111");
    expect(contours.ends).toHaveLength(2);
    expect(enclosed(contours)).toBeCloseTo(25 - 4 / 8 - 1 / 2);
  });

  it("puts the label at the top of the largest part", () => {
    expect(traceRows("10000", "00000", "00110", "00110").anchor).toEqual([2, 2]);
    expect(traceRows("000").anchor).toBeNull();
  });

  it("keeps pixels apart that touch at a corner", () => {
    expect(traceRows("10", "01").ends).toHaveLength(2);
  });

  it("closes every ring of noise, once", () => {
    let state = 7;
    const pixels = Uint8Array.from({ length: 60 * 50 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 31;
    });
    const contours = trace(pixels, 50, 60);
    expect(contours.area).toBe(pixels.reduce((sum, pixel) => sum + pixel, 0));
    expect(contours.ends.at(-1)).toBe(contours.points.length / 2);
  });
});
