import { expect, it } from "vitest";

import type { Prompt } from "@/api/models";

import { marksOn } from "./scene";

const base = { positive: null, x: null, y: null, box: null, created_at: "" };

it("shows the prompts of this frame, the saved ones first, and none of another", () => {
  const prompts = [
    { ...base, id: 1, frame_idx: 3, kind: "click", x: 10, y: 20, positive: false },
    { ...base, id: 2, frame_idx: 3, kind: "box", box: [1, 2, 3, 4] },
    { ...base, id: 3, frame_idx: 4, kind: "click", x: 1, y: 1, positive: true },
    { ...base, id: 4, frame_idx: 3, kind: "mask" },
  ] as unknown as Prompt[];
  const unsent = [{ key: "k", state: "retrying" as const, prompt: { frame_idx: 3, kind: "click" as const, x: 5, y: 6, positive: true } }];
  expect(marksOn(3, prompts, unsent)).toEqual([
    { key: 1, state: "saved", kind: "click", at: [10, 20], positive: false },
    { key: 2, state: "saved", kind: "box", box: [1, 2, 3, 4] },
    { key: "k", state: "retrying", kind: "click", at: [5, 6], positive: true },
  ]);
});
