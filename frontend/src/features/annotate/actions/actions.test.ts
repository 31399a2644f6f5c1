import { describe, expect, it, vi } from "vitest";

import type { Assignment, MaskFrame, Masklet, Prompt, Protocol } from "@/api/models";
import { matchesKey } from "@/lib/actions";

import type { Commands, Desk } from "../desk";
import type { Work } from "../workbench";
import { ACTIONS } from ".";
import { discard, handBack, submit } from "./finish";
import { redo, undo } from "./history";
import { moves, nextFrameToDo } from "./move";
import { propagateAnew, propagateBackward, propagateBoth, propagateForward, stop } from "./propagate";
import { ACTION_NAMES, bind, type Spec } from "./spec";
import { absentHere, brushTool, eraserTool, largerBrush } from "./tools";

const seen: MaskFrame = { counts: "11b0", predicted_iou: 0.9, object_score: 5, stability: 0.9 };
/** A mask of 4 × 5 pixels that holds nothing. */
const gone: MaskFrame = { ...seen, counts: "d0" };
const click = {
  id: 1,
  frame_idx: 2,
  kind: "click",
  x: 1,
  y: 1,
  positive: true,
  box: null,
  created_at: "",
} as unknown as Prompt;

const settled: Work = {
  masklet: { edited_frames: [2] } as unknown as Masklet,
  assignment: { job: "tracking" } as Assignment,
  loaded: true,
  size: [4, 5],
  frames: new Map(Array.from({ length: 9 }, (_, j) => [j, seen])),
  drawn: new Map(),
  prompts: [click],
  carried: new Set(),
  predicting: new Map(),
  propagation: null,
  fresh: new Set(),
  kept: 0,
  suggestedFrames: [],
  history: { past: [1], now: 2, future: [] },
  busy: null,
  online: true,
  leaseLost: false,
  trouble: null,
};

const propagation = {
  run: 9,
  direction: null,
  progress: { done: 1, total: 9, unit: "frames" },
  stopping: false,
  connection: "open",
} as const;

const PROTOCOLS: Record<1 | 2 | 3, Protocol> = {
  1: {
    phase: 1,
    name: "SAM per frame",
    summary: "",
    propagates: false,
    every_frame: true,
    masks_only: false,
  },
  2: {
    phase: 2,
    name: "SAM + SAM 2 Mask",
    summary: "",
    propagates: true,
    every_frame: false,
    masks_only: true,
  },
  3: { phase: 3, name: "SAM 2", summary: "", propagates: true, every_frame: false, masks_only: false },
};

function desk(work: Partial<Work> = {}, rest: Partial<Desk> = {}): Desk {
  return {
    work: { ...settled, ...work },
    shown: work.frames ?? settled.frames,
    protocol: PROTOCOLS[3],
    toDo: [],
    brush: 20,
    unsent: [],
    player: { frame: 2, direction: 1, playing: false, moving: false, rate: 1 },
    count: 9,
    lane: { segments: [], doubts: new Map(), places: [] },
    tool: "point",
    hidden: false,
    others: true,
    ...rest,
  };
}

const CHANGING: Spec[] = [
  submit,
  handBack,
  discard,
  undo,
  propagateForward,
  propagateBackward,
  propagateBoth,
  propagateAnew,
];

describe("what can be done", () => {
  it.each(CHANGING)("$name: yes, when everything is settled", ({ enabled }) => {
    expect(enabled(desk())).toBe(true);
  });

  it.each(CHANGING)("$name: no, once the lease is lost", ({ enabled }) => {
    expect(enabled(desk({ leaseLost: true }))).toMatch(/no longer yours/);
  });

  it.each(CHANGING)("$name: no, while another change is under way", ({ enabled }) => {
    expect(enabled(desk({ busy: "Undoing" }))).toBe("Undoing. Wait a moment.");
  });

  it.each([submit, undo, propagateForward])("$name: not before a prompt is saved", ({ enabled }) => {
    const unsent = [
      {
        key: "k",
        state: "saving" as const,
        prompt: { frame_idx: 0, kind: "click" as const, x: 1, y: 1, positive: true },
      },
    ];
    expect(enabled(desk({}, { unsent }))).toMatch(/not saved yet/);
  });

  it.each([submit, undo, propagateForward])("$name: not while a mask is being computed", ({ enabled }) => {
    expect(enabled(desk({ predicting: new Map([[4, 2]]) }))).toMatch(/being computed/);
  });

  it.each([submit, undo, propagateForward])("$name: not while masks are being propagated", ({ enabled }) => {
    expect(enabled(desk({ propagation }))).toMatch(/Stop that first/);
  });

  it("submits only what has a mask; an absent object is none", () => {
    expect(submit.enabled(desk({ frames: new Map() }))).toMatch(/no mask yet/);
    expect(submit.enabled(desk({ frames: new Map([[0, gone]]) }))).toMatch(/no mask yet/);
  });

  it("propagates only what is prompted, and not past the ends", () => {
    expect(propagateBoth.enabled(desk({ prompts: [] }))).toBe("Click on the object first.");
    const at = (frame: number) => desk({}, { player: { ...desk().player, frame } });
    expect(propagateBackward.enabled(at(0))).toBe("This is the first frame.");
    expect(propagateForward.enabled(at(8))).toBe("This is the last frame.");
  });

  it("undoes and redoes only where there is something", () => {
    expect(undo.enabled(desk({ history: { past: [], now: 1, future: [] } }))).toBe("Nothing to undo.");
    expect(redo.enabled(desk())).toBe("Nothing to redo.");
    expect(redo.enabled(desk({ history: { past: [], now: 1, future: [2] } }))).toBe(true);
  });
});

describe("phase 1", () => {
  const phase1 = (work: Partial<Work> = {}, rest: Partial<Desk> = {}) =>
    desk(work, { protocol: PROTOCOLS[1], toDo: [0, 5], ...rest });

  it.each([propagateForward, propagateBackward, propagateBoth, propagateAnew])(
    "$name: never",
    ({ enabled }) => {
      expect(enabled(phase1())).toBe("In phase 1 every frame gets its own mask; nothing is propagated.");
    },
  );

  it("submits only when every frame has a mask or is marked absent", () => {
    expect(submit.enabled(phase1())).toBe("2 frames have no mask yet. T goes to the next one.");
    expect(submit.enabled(phase1({}, { toDo: [5] }))).toBe(
      "1 frame has no mask yet. T goes to the next one.",
    );
    expect(submit.enabled(phase1({}, { toDo: [] }))).toBe(true);
  });

  it("goes to the next frame to do, and after the last one to the first", () => {
    const goneTo = (frame: number) => {
      const goTo = vi.fn();
      nextFrameToDo.perform(
        { goTo } as unknown as Commands,
        phase1({}, { player: { ...desk().player, frame } }),
      );
      return goTo.mock.calls;
    };
    expect(goneTo(2)).toEqual([[5]]);
    expect(goneTo(5)).toEqual([[0]]);
    expect(nextFrameToDo.enabled(phase1({}, { toDo: [] }))).toBe("Every frame has its mask.");
    expect(nextFrameToDo.enabled(desk())).toMatch(/propagation makes/);
    expect(moves).toContain(nextFrameToDo);
  });
});

describe("a selection", () => {
  const selection = (work: Partial<Work> = {}) =>
    desk({ assignment: { job: "selection" } as Assignment, ...work });

  it.each([submit, propagateForward, propagateBoth])("$name: no, another annotator does", ({ enabled }) => {
    expect(enabled(selection())).toMatch(/^You chose this object; another annotator tracks it/);
  });

  it("is passed on once it has a mask, and handed back before", () => {
    const labelOf = (at: Desk) => bind(handBack, at, {} as Commands).label;
    expect(labelOf(selection())).toBe("Pass on for tracking");
    expect(labelOf(selection({ frames: new Map() }))).toBe("Hand back");
    expect(labelOf(desk())).toBe("Hand back");
    expect(handBack.enabled(selection())).toBe(true);
    expect(handBack.enabled(selection({ predicting: new Map([[4, 2]]) }))).toMatch(/being computed/);
    expect(handBack.enabled(selection({ frames: new Map(), predicting: new Map([[4, 2]]) }))).toBe(true);
  });
});

describe("marking absent", () => {
  it("needs an object that was shown somewhere", () => {
    expect(absentHere.enabled(desk({ prompts: [] }))).toMatch(/^Show the object on one frame first/);
    expect(absentHere.enabled(desk())).toBe(true);
  });

  it("is not done twice, but confirms what was propagated or clicked", () => {
    const absent = new Map([[2, gone]]);
    expect(
      absentHere.enabled(desk({ frames: absent, prompts: [click, { ...click, id: 2, kind: "mask" }] })),
    ).toBe("The object is marked absent here already.");
    expect(absentHere.enabled(desk({ frames: absent, prompts: [{ ...click, frame_idx: 7 }] }))).toBe(true);
  });
});

describe("the brush", () => {
  const commands = () => ({ setTool: vi.fn(), setHidden: vi.fn(), eraser: vi.fn() });

  it("is taken and put down with one key, and shows the masks that it paints on", () => {
    const made = commands();
    brushTool.perform(made as unknown as Commands, desk());
    brushTool.perform(made as unknown as Commands, desk({}, { tool: "brush" }));
    expect(made.setTool.mock.calls).toEqual([["brush"], ["point"]]);
    expect(made.setHidden).toHaveBeenCalledWith(false);
  });

  it("is turned round while the eraser's key is held", () => {
    const made = commands();
    const action = bind(eraserTool, desk({}, { tool: "brush" }), made as unknown as Commands);
    action.perform(new KeyboardEvent("keydown", { key: "x" }));
    action.release?.();
    expect(made.eraser.mock.calls).toEqual([[true], [false]]);
  });

  it("has a size only while it is in hand", () => {
    expect(largerBrush.enabled(desk())).toBe("Take the brush first (P).");
    expect(largerBrush.enabled(desk({}, { tool: "eraser" }))).toBe(true);
  });
});

describe("Esc", () => {
  const commands = () => ({ stop: vi.fn(), setTool: vi.fn(), togglePlay: vi.fn() });
  const press = (at: Desk) => {
    const made = commands();
    stop.perform(made as unknown as Commands, at);
    return Object.entries(made).flatMap(([name, called]) => (called.mock.calls.length > 0 ? [name] : []));
  };

  it("stops the machine first, then puts the tool down, then stops playing", () => {
    const player = { ...desk().player, playing: true };
    expect(press(desk({ propagation }, { tool: "box", player }))).toEqual(["stop"]);
    expect(press(desk({}, { tool: "box", player }))).toEqual(["setTool"]);
    expect(press(desk({}, { player }))).toEqual(["togglePlay"]);
    expect(stop.enabled(desk())).toBe("Nothing to stop.");
  });
});

describe("the keys", () => {
  it("have an action for each name", () => {
    expect(ACTIONS.map(({ name }) => name).sort()).toEqual([...ACTION_NAMES].sort());
  });

  it("belong to one action each", () => {
    const keys = ACTIONS.flatMap(({ hotkeys }) => hotkeys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("tell Shift+F from F", () => {
    const event = new KeyboardEvent("keydown", { key: "F", shiftKey: true });
    const names = ACTIONS.filter(({ hotkeys }) => hotkeys.some((key) => matchesKey(event, key))).map(
      ({ name }) => name,
    );
    expect(names).toEqual(["propagate-forward"]);
  });

  it("frames that were never tracked are not submitted as absent", () => {
    const once = desk({ frames: new Map([[2, seen]]) });
    expect(submit.enabled(once)).toBe(
      "8 frames were never tracked. Propagate through the whole video first.",
    );
  });

  it("carry the reason of an action that is not possible", () => {
    expect(bind(submit, desk({ leaseLost: true }), {} as Commands).disabled).toMatch(/no longer yours/);
    expect(bind(submit, desk(), {} as Commands).disabled).toBeUndefined();
  });
});
