import { describe, expect, it } from "vitest";

import type { Rle } from "@/api/models";

import { trace } from "./contours";
import { Painting } from "./painting";
import { decode, encode } from "./rle";

const rows = (rle: Rle): string[] => {
  const pixels = decode(rle);
  const [height, width] = rle.size;
  return Array.from({ length: height }, (_, y) => pixels.slice(y * width, (y + 1) * width).join(""));
};

/** Three by four pixels with the two in the middle of the second row. */
const small: Rle = { size: [3, 4], counts: encode([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], [3, 4]).counts };

describe("Painting", () => {
  it("makes a round dot, written as pycocotools writes it", () => {
    const painting = new Painting([5, 6], null);
    painting.stroke([3, 2], [3, 2], 1.6, true);
    expect(rows(painting.rle())).toEqual(["001100", "011110", "011110", "001100", "000000"]);
    expect(painting.rle().counts).toBe("6222O01N5");
  });

  it("joins two places that the pointer passed, whatever its pace", () => {
    const painting = new Painting([5, 9], null);
    painting.stroke([1.5, 2.5], [7.5, 2.5], 1, true);
    expect(rows(painting.rle())).toEqual(["000000000", "011111110", "111111111", "011111110", "000000000"]);
  });

  it("adds to the mask that is there, and takes away from it", () => {
    const adding = new Painting([3, 4], small);
    adding.stroke([3.5, 1.5], [3.5, 1.5], 0.6, true);
    expect(rows(adding.rle())).toEqual(["0000", "0111", "0000"]);
    const erasing = new Painting([3, 4], small);
    erasing.stroke([1.5, 1.5], [1.5, 1.5], 0.6, false);
    expect(rows(erasing.rle())).toEqual(["0000", "0010", "0000"]);
  });

  it("can leave nothing, which is the mask of an absent object", () => {
    const painting = new Painting([3, 4], small);
    painting.stroke([0, 1.5], [4, 1.5], 1, false);
    expect(painting.rle().counts).toBe("<");
    expect(painting.contours()).toMatchObject({ area: 0, bounds: null });
  });

  it("knows when a stroke has changed nothing: beside the picture, or where all is painted", () => {
    const painting = new Painting([3, 4], small);
    painting.stroke([-9, -9], [-5, -7], 2, true);
    painting.stroke([1.5, 1.5], [2.5, 1.5], 0.4, true);
    expect(painting.changed).toBe(false);
    painting.stroke([0.5, 0.5], [0.5, 0.5], 0.6, true);
    expect(painting.changed).toBe(true);
  });

  it("paints only what lies on the picture", () => {
    const painting = new Painting([3, 4], null);
    painting.stroke([-2, -2], [0.5, 0.5], 1, true);
    expect(rows(painting.rle())).toEqual(["1100", "1000", "0000"]);
  });

  it("draws the outlines that the whole mask would have", () => {
    const painting = new Painting([40, 50], null);
    painting.stroke([20, 12], [31, 25], 6, true);
    painting.stroke([25, 18], [25, 18], 2, false);
    painting.stroke([8, 33], [8, 33], 3, true);
    expect(painting.contours()).toEqual(trace(decode(painting.rle()), 40, 50));
  });

  it("follows the hand: what was traced before is not shown after the next stroke", () => {
    const painting = new Painting([20, 20], null);
    painting.stroke([5, 5], [5, 5], 2, true);
    const before = painting.contours().area;
    painting.stroke([12, 12], [12, 12], 2, true);
    expect(painting.contours().area).toBe(2 * before);
  });
});
