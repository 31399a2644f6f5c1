import { describe, expect, it } from "vitest";

import { decode, encode, isEmpty, packCounts, RleError, runsOf, unpackCounts } from "./rle";

/** Masks as rows of 0 and 1, with what pycocotools makes of them. */
const VECTORS: { name: string; rows: string[]; size: [number, number]; counts: string }[] = [
  { name: "empty", rows: ["0000", "0000", "0000"], size: [3, 4], counts: "<" },
  { name: "full", rows: ["1111", "1111", "1111"], size: [3, 4], counts: "0<" },
  { name: "one pixel", rows: ["00000", "10000", "00000", "00000"], size: [4, 5], counts: "11b0" },
  {
    name: "rectangle",
    rows: ["00000000", "00111110", "00111110", "00111110", "00000000", "00000000"],
    size: [6, 8],
    counts: "=3300000005",
  },
  {
    name: "noise",
    rows: ["1110010", "1100000", "1111110", "0100101", "1100001", "0001001", "1111011", "1010000", "1011111"],
    size: [9, 7],
    counts: "031N070I10O022ON01OO1120MO20N023NM",
  },
];

const pixelsOf = (rows: string[]) => Uint8Array.from(rows.join(""), Number);

/** A small generator with a seed, so that a failure can be seen again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("COCO run-length encoding", () => {
  it.each(VECTORS)("reads and writes $name as pycocotools does", ({ rows, size, counts }) => {
    const pixels = pixelsOf(rows);
    expect(encode(pixels, size)).toEqual({ size, counts });
    expect(decode({ size, counts })).toEqual(pixels);
  });

  it("reads runs that take four characters", () => {
    // Two pixels of a 1080 × 1920 frame: (x 7, y 5) and the last one.
    expect(runsOf({ size: [1080, 1920], counts: "]\\71acQo10" })).toEqual([7565, 1, 2066033, 1]);
  });

  it("gives back every mask that it was given", () => {
    const next = random(20261122);
    for (let round = 0; round < 100; round++) {
      const size: [number, number] = [1 + Math.floor(next() * 40), 1 + Math.floor(next() * 40)];
      const density = next();
      const stick = next();
      let last = 0;
      const pixels = Uint8Array.from({ length: size[0] * size[1] }, () => {
        if (next() > stick) last = next() < density ? 1 : 0;
        return last;
      });
      const rle = encode(pixels, size);
      expect(decode(rle)).toEqual(pixels);
      expect(packCounts(unpackCounts(rle.counts))).toBe(rle.counts);
    }
  });

  it("keeps runs beyond 16 bits", () => {
    const runs = [0, 2_000_000, 5, 1, 1_999_999, 3];
    expect(unpackCounts(packCounts(runs))).toEqual(runs);
  });

  it.each([
    ["too few pixels", "11"],
    ["too many pixels", "0=0="],
    ["a number that never ends", "ooooooooo"],
    ["an unfinished number", "o"],
    ["a foreign character", "11 "],
  ])("refuses %s", (_name, counts) => {
    expect(() => decode({ size: [3, 4], counts })).toThrow(RleError);
  });

  it("knows an absent object without unpacking it", () => {
    expect(isEmpty(encode(new Uint8Array(12), [3, 4]))).toBe(true);
    expect(isEmpty({ size: [3, 4], counts: "0<" })).toBe(false);
  });
});
