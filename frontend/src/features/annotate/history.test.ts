import { describe, expect, it } from "vitest";

import { carriedBy, edited, historyOf, redone, undone } from "./history";

describe("undo and redo", () => {
  it("walks back and forth over contents", () => {
    const start = edited(edited(edited({ past: [], now: 0, future: [] }, 1), 2), 3);
    expect(start).toEqual({ past: [0, 1, 2], now: 3, future: [] });
    const back = undone(undone(start));
    expect(back).toEqual({ past: [0], now: 1, future: [2, 3] });
    expect(redone(back)).toEqual({ past: [0, 1], now: 2, future: [3] });
  });

  it("forgets what could be redone once something new is done", () => {
    expect(edited(undone({ past: [1], now: 2, future: [] }), 4)).toEqual({ past: [1], now: 4, future: [] });
  });

  it("does nothing at either end", () => {
    const alone = { past: [], now: 1, future: [] };
    expect(undone(alone)).toEqual(alone);
    expect(redone(alone)).toEqual(alone);
  });

  it("comes back from the line of parents after a reload", () => {
    const revisions = [
      { number: 4, parent: 3 },
      { number: 3, parent: 2 },
      { number: 2, parent: 1 },
      { number: 1, parent: null },
    ];
    expect(historyOf(4, revisions)).toEqual({ past: [0, 1, 2, 3], now: 4, future: [] });
    // Only the newest page of a long history is known: one cannot go back beyond it.
    expect(historyOf(4, revisions.slice(0, 2))).toEqual({ past: [2, 3], now: 4, future: [] });
    expect(historyOf(0, [])).toEqual({ past: [], now: 0, future: [] });
  });
});

describe("what was propagated", () => {
  const at = (minute: number) => `2026-01-01T10:0${minute}:00Z`;
  const prompts = [1, 4].map((minute) => ({ id: minute, created_at: at(minute) }));
  const revision = (number: number, kind: "predict" | "propagate" | "restore") => ({
    number,
    kind,
    created_at: at(number),
  });

  it("are the prompts from before the newest propagation", () => {
    expect([
      ...carriedBy([revision(5, "predict"), revision(3, "propagate"), revision(2, "predict")], prompts),
    ]).toEqual([1]);
    expect([...carriedBy([revision(2, "predict")], prompts)]).toEqual([]);
  });

  it("is not known once something was restored", () => {
    expect([...carriedBy([revision(4, "restore"), revision(3, "propagate")], prompts)]).toEqual([]);
  });
});
