import { describe, expect, it } from "vitest";

import type { Assignment, MaskFrame, NewPrompt, Prompt, Protocol } from "@/api/models";

import type { Desk } from "./desk";
import type { Unsent } from "./outbox";
import { absence, refusalOf, refusalToPaint, startsOver, underTheBrush } from "./prompting";

const mask: MaskFrame = { counts: "11b0", predicted_iou: 0.9, object_score: 5, stability: 0.9 };
const add: NewPrompt = { frame_idx: 2, kind: "click", x: 1, y: 1, positive: true };
const remove: NewPrompt = { ...add, positive: false };
const stroke: NewPrompt = { frame_idx: 2, kind: "mask", rle: { size: [4, 5], counts: "11b0" } };
const prompt = (id: number, frame_idx: number) => ({ id, frame_idx, kind: "click" }) as Prompt;

interface At {
  phase?: 1 | 2 | 3;
  prompts?: Prompt[];
  carried?: number[];
  unsent?: Unsent[];
  job?: Assignment["job"];
}

/** Frame 2 is on show and has a mask. */
function desk({
  phase = 3,
  prompts = [prompt(1, 2)],
  carried = [],
  unsent = [],
  job = "tracking",
}: At = {}): Desk {
  return {
    work: {
      loaded: true,
      leaseLost: false,
      busy: null,
      size: [4, 5],
      assignment: { job },
      prompts,
      carried: new Set(carried),
    },
    unsent,
    player: { frame: 2 },
    shown: new Map([[2, mask]]),
    protocol: {
      phase,
      propagates: phase !== 1,
      every_frame: phase === 1,
      masks_only: phase === 2,
    } as Protocol,
  } as unknown as Desk;
}

describe("beginning with a removal", () => {
  it.each([1, 2, 3] as const)("is refused in phase %d while nothing is prompted", (phase) => {
    expect(refusalOf(remove, desk({ phase, prompts: [] }))).toMatch(/Begin with a left click/);
    expect(refusalOf(add, desk({ phase, prompts: [] }))).toBeNull();
  });

  it("refines a propagated mask in phase 3, and nowhere else", () => {
    const elsewhere = [prompt(1, 7)];
    expect(refusalOf(remove, desk({ phase: 3, prompts: elsewhere }))).toBeNull();
    expect(refusalOf(remove, desk({ phase: 2, prompts: elsewhere }))).toMatch(/from scratch/);
    expect(refusalOf(remove, desk({ phase: 1, prompts: elsewhere }))).toMatch(
      /nothing to remove on this frame/,
    );
  });

  it("is possible once the frame has been begun, also when that is not saved yet", () => {
    expect(refusalOf(remove, desk({ phase: 2 }))).toBeNull();
    const unsent: Unsent[] = [{ key: "k", prompt: add, state: "saving" }];
    expect(refusalOf(remove, desk({ phase: 2, prompts: [prompt(1, 7)], unsent }))).toBeNull();
  });

  it("is refused in phase 2 again once the frame was propagated: its correction begins from scratch", () => {
    expect(refusalOf(remove, desk({ phase: 2, carried: [1] }))).toMatch(/from scratch/);
    expect(refusalOf(remove, desk({ phase: 3, carried: [1] }))).toBeNull();
  });
});

describe("what the brush begins with", () => {
  it("is the mask that one sees", () => {
    expect(underTheBrush(desk({ prompts: [prompt(1, 7)] }))).toBe(mask);
  });

  it("is nothing where the phase wants the frame made from scratch", () => {
    const correction = desk({ phase: 2, prompts: [prompt(1, 7)] });
    expect(startsOver(correction)).toBe(true);
    expect(underTheBrush(correction)).toBeNull();
    expect(underTheBrush(desk({ phase: 2 }))).toBe(mask);
  });
});

describe("erasing first", () => {
  it("is refused where there is nothing to erase, or nothing that counts", () => {
    expect(refusalToPaint(desk(), true)).toBeNull();
    expect(refusalToPaint({ ...desk(), shown: new Map() }, true)).toBe(
      "There is nothing to erase on this frame yet.",
    );
    expect(refusalToPaint({ ...desk(), shown: new Map() }, false)).toBeNull();
    expect(refusalToPaint(desk({ phase: 2, prompts: [prompt(1, 7)] }), true)).toMatch(/from scratch/);
  });
});

describe("a selection", () => {
  it("is made on one frame, whatever the prompt", () => {
    const elsewhere = desk({ job: "selection", prompts: [prompt(1, 7)] });
    for (const given of [add, remove, stroke])
      expect(refusalOf(given, elsewhere)).toMatch(/on one frame, which is frame 8/);
    expect(refusalOf(remove, desk({ job: "selection" }))).toBeNull();
  });
});

describe("an absent object", () => {
  it("is a mask without a pixel, and not how one begins", () => {
    expect(absence(desk())).toEqual({ frame_idx: 2, kind: "mask", rle: { size: [4, 5], counts: "d0" } });
    expect(refusalOf(absence(desk()), desk({ prompts: [] }))).toMatch(/^Show the object/);
    expect(refusalOf(stroke, desk({ prompts: [] }))).toBeNull();
  });
});
