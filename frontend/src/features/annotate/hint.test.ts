import { describe, expect, it } from "vitest";

import type { MaskFrame, Protocol } from "@/api/models";

import type { Desk } from "./desk";
import { hintOf } from "./hint";

const mask: MaskFrame = { counts: "11b0", predicted_iou: 0.9, object_score: 5, stability: 0.9 };
const everywhere = new Map([0, 1, 2].map((j) => [j, mask]));

interface At {
  phase?: 1 | 2 | 3;
  shown?: Map<number, MaskFrame>;
  toDo?: number[];
  doubts?: Map<number, string>;
  work?: object;
  rest?: object;
}

/** Three frames; frame 0 was prompted, frame 1 is on show. */
function desk({
  phase = 3,
  shown = everywhere,
  toDo = [],
  doubts = new Map(),
  work = {},
  rest = {},
}: At = {}): Desk {
  return {
    work: {
      loaded: true,
      leaseLost: false,
      propagation: null,
      predicting: new Map(),
      size: [4, 5],
      kept: 0,
      assignment: { job: "tracking" },
      prompts: [{ id: 1, frame_idx: 0, kind: "click" }],
      carried: new Set(),
      ...work,
    },
    unsent: [],
    player: { frame: 1 },
    count: 3,
    shown,
    toDo,
    tool: "point",
    brush: 14,
    lane: { doubts, places: [...doubts.keys()], segments: [] },
    protocol: {
      phase,
      propagates: phase !== 1,
      every_frame: phase === 1,
      masks_only: phase === 2,
    } as Protocol,
    ...rest,
  } as unknown as Desk;
}

const none = new Map<number, MaskFrame>();

describe("the hint", () => {
  it.each<[string, At, string]>([
    [
      "a new object",
      { shown: none, work: { prompts: [] } },
      "Click on the object, or press B and drag a box around it.",
    ],
    ["the brush", { rest: { tool: "brush" } }, "[ and ] change the size, now 14 pixels."],
    ["phase 1, a frame to do", { phase: 1, shown: none, toDo: [1, 2] }, "or press O where it is absent"],
    ["phase 1, a frame that is done", { phase: 1, toDo: [2] }, "T goes to the next one to do"],
    ["phase 1, all done", { phase: 1 }, "Every frame has its mask."],
    [
      "phase 2, propagated",
      { phase: 2, work: { carried: new Set([1]) } },
      "makes this frame's mask from scratch",
    ],
    [
      "phase 2, a doubt",
      { phase: 2, doubts: new Map([[1, "the outline is unsure"]]) },
      "Look here: the outline is unsure. Phase 2: a correction makes this frame's mask from scratch",
    ],
    [
      "phase 3, a doubt",
      { doubts: new Map([[1, "the outline is unsure"]]) },
      "Look here: the outline is unsure. Click to correct it, then propagate again.",
    ],
    [
      "a correction",
      {
        work: {
          carried: new Set([1]),
          prompts: [
            { id: 1, frame_idx: 0 },
            { id: 2, frame_idx: 1 },
          ],
        },
      },
      "When this frame is right, propagate.",
    ],
    ["what a correction left", { work: { kept: 41 } }, "41 frames stay as they were"],
    [
      "a selection",
      { shown: none, work: { prompts: [], assignment: { job: "selection" } } },
      "Another annotator tracks it.",
    ],
    ["a selection with its mask", { work: { assignment: { job: "selection" } } }, "pass it on"],
  ])("speaks of %s", (_name, at, words) => {
    expect(hintOf(desk(at))).toContain(words);
  });

  it("does not speak of absence before the object was shown", () => {
    expect(hintOf(desk({ phase: 1, shown: none, toDo: [0, 1, 2], work: { prompts: [] } }))).not.toContain(
      "absent",
    );
  });
});
