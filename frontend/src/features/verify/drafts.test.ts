import { expect, it } from "vitest";

import { around, changed, MOST_PINS, telling } from "./drafts";

it("keeps one pin a frame, in the order of frames, and no more than are taken", () => {
  let pins = changed([], 7, (pin) => ({ ...pin, note: "tail" }));
  pins = changed(pins, 2, (pin) => pin);
  pins = changed(pins, 7, (pin) => ({ ...pin, note: "the tail" }));
  expect(pins.map(({ frame_idx, note }) => [frame_idx, note])).toEqual([
    [2, ""],
    [7, "the tail"],
  ]);
  expect(telling(pins).map(({ frame_idx }) => frame_idx)).toEqual([7]);
  for (let j = 0; j < 40; j++) pins = changed(pins, j, (pin) => pin);
  expect(pins).toHaveLength(MOST_PINS);
});

it("draws a box as a closed line", () => {
  const line = around([1, 2, 3, 4]);
  expect(line[0]).toEqual(line.at(-1));
  expect(line).toHaveLength(5);
});
