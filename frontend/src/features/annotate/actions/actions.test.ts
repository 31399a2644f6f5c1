import { describe, expect, it, vi } from "vitest";

import type { MaskFrame, Masklet, Prompt } from "@/api/models";
import { matchesKey } from "@/lib/actions";

import type { Work } from "../workbench";
import { ACTIONS } from ".";
import { discard, handBack, submit } from "./finish";
import { redo, undo } from "./history";
import { propagateAnew, propagateBackward, propagateBoth, propagateForward, stop } from "./propagate";
import { bind, type Desk, type Hands, type Spec } from "./spec";

const seen: MaskFrame = { counts: "11b0", predicted_iou: 0.9, object_score: 5, stability: 0.9 };
const gone: MaskFrame = { ...seen, counts: "d0" };
const click = { id: 1, frame_idx: 2, kind: "click", x: 1, y: 1, positive: true, box: null, created_at: "" } as unknown as Prompt;

const settled: Work = {
  masklet: { edited_frames: [2] } as unknown as Masklet,
  loaded: true,
  size: [4, 5],
  frames: new Map([[2, seen]]),
  prompts: [click],
  predicting: new Map(),
  propagation: null,
  fresh: new Set(),
  kept: 0,
  lookHere: [],
  history: { past: [1], now: 2, future: [] },
  busy: null,
  online: true,
  leaseLost: false,
  trouble: null,
};

const propagation = { run: 9, direction: null, progress: { done: 1, total: 9, unit: "frames" }, stopping: false, connection: "open" } as const;

function desk(work: Partial<Work> = {}, rest: Partial<Desk> = {}): Desk {
  return {
    work: { ...settled, ...work },
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

const CHANGING: Spec[] = [submit, handBack, discard, undo, propagateForward, propagateBackward, propagateBoth, propagateAnew];

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
    const unsent = [{ key: "k", state: "saving" as const, prompt: { frame_idx: 0, kind: "click" as const, x: 1, y: 1, positive: true } }];
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

describe("Esc", () => {
  const hands = () => ({ stop: vi.fn(), setTool: vi.fn(), togglePlay: vi.fn() });
  const press = (at: Desk) => {
    const made = hands();
    stop.perform(made as unknown as Hands, at);
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
  it("belong to one action each", () => {
    const keys = ACTIONS.flatMap(({ hotkeys }) => hotkeys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("tell Shift+F from F", () => {
    const event = new KeyboardEvent("keydown", { key: "F", shiftKey: true });
    const names = ACTIONS.filter(({ hotkeys }) => hotkeys.some((key) => matchesKey(event, key))).map(({ name }) => name);
    expect(names).toEqual(["propagate-forward"]);
  });

  it("carry the reason of an action that is not possible", () => {
    expect(bind(submit, desk({ leaseLost: true }), {} as Hands).disabled).toMatch(/no longer yours/);
    expect(bind(submit, desk(), {} as Hands).disabled).toBeUndefined();
  });
});
