import { expect, test } from "vitest";

import type { Checkpoint } from "@/api/models";

import { gains, headline, lineage, verdict } from "./lineage";
import { checkpoint } from "./testing";

const drawn = (...rows: Checkpoint[]) =>
  lineage(rows).map(({ checkpoint: { id }, depth }) => `${"-".repeat(depth)}${id}`);

test("each checkpoint stands below the one that it was retrained from, the oldest first", () => {
  expect(
    drawn(checkpoint(5, 2), checkpoint(4, 1), checkpoint(3, 2), checkpoint(2, 1), checkpoint(1)),
  ).toEqual(["1", "-2", "--3", "--5", "-4"]);
});

test("one whose base is on another page stands at the root", () => {
  expect(drawn(checkpoint(9, 4), checkpoint(10, 9))).toEqual(["9", "-10"]);
});

test("a gain is what the candidate is better by, also where less is better", () => {
  const found = gains({
    base: { jf_mask: 0.5, iou_calibration_error: 0.2 },
    candidate: { jf_mask: 0.75, iou_calibration_error: 0.1, iou_1_click: 1 },
  });
  expect(found.map(({ words, gain }) => [words.name, Number(gain.toFixed(3))])).toEqual([
    ["jf_mask", 0.25],
    ["iou_calibration_error", 0.1],
  ]);
});

test("rendered footage stands for all where nothing was kept aside", () => {
  const both = { base: { jf_mask: 0.5 }, candidate: { jf_mask: 0.4 } };
  const told = { note: "", trained_on: [], kept_aside: [], recipe: {} };
  expect(headline(checkpoint(1))).toBeNull();
  expect(
    headline(checkpoint(1, null, { evaluation: { held_out: null, rendered: both, ...told } }))?.candidate,
  ).toBe(0.4);
});

test("a difference that three digits do not show is none", () => {
  expect([0.0004, -0.0004, 0.0006, -0.2].map(verdict)).toEqual(["same", "same", "better", "worse"]);
});
