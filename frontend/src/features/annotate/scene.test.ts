import { expect, it } from "vitest";

import type { MaskFrame, Prompt } from "@/api/models";

import { marksOn, shownFrames } from "./scene";

const base = { positive: null, x: null, y: null, box: null, created_at: "" };

const mask: MaskFrame = { counts: "11b0", predicted_iou: 0.9, object_score: 5, stability: 0.9 };
const waiting = {
  key: "k",
  state: "retrying" as const,
  prompt: { frame_idx: 3, kind: "click" as const, x: 5, y: 6, positive: true },
};

it("shows the prompts of this frame, the saved ones first, and none of another", () => {
  const prompts = [
    { ...base, id: 1, frame_idx: 3, kind: "click", x: 10, y: 20, positive: false },
    { ...base, id: 2, frame_idx: 3, kind: "box", box: [1, 2, 3, 4] },
    { ...base, id: 3, frame_idx: 4, kind: "click", x: 1, y: 1, positive: true },
  ] as unknown as Prompt[];
  expect(marksOn(3, prompts, [waiting])).toEqual([
    { key: 1, state: "saved", kind: "click", at: [10, 20], positive: false },
    { key: 2, state: "saved", kind: "box", box: [1, 2, 3, 4] },
    { key: "k", state: "retrying", kind: "click", at: [5, 6], positive: true },
  ]);
});

it("shows no mark from before a painted mask, which makes the frame anew", () => {
  const prompts = [
    { ...base, id: 1, frame_idx: 3, kind: "click", x: 10, y: 20, positive: true },
    { ...base, id: 2, frame_idx: 3, kind: "mask" },
  ] as unknown as Prompt[];
  expect(marksOn(3, prompts, [])).toEqual([]);
  expect(marksOn(3, prompts, [waiting])).toMatchObject([{ key: "k" }]);
});

it("shows what was painted before the server has answered", () => {
  const frames = new Map([[1, mask]]);
  expect(shownFrames({ frames, drawn: new Map() })).toBe(frames);
  const shown = shownFrames({
    frames,
    drawn: new Map([
      [2, { key: "k", counts: "11b0" }],
      [1, { key: "l", counts: "d0" }],
    ]),
  });
  expect([...shown].map(([frame, { counts }]) => [frame, counts])).toEqual([
    [1, "d0"],
    [2, "11b0"],
  ]);
});
