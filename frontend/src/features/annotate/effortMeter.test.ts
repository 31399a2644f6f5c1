import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { EffortEntry } from "@/api/models";

import { EffortMeter, type Seen } from "./effortMeter";
import { EffortReport } from "./effortReport";

const seen: Seen = { frame: 4, tool: "point", playing: false, busy: false, held: true };

function open(send: () => Promise<unknown> = () => Promise.resolve()) {
  const sent =
    vi.fn<(assignment: object, entries: EffortEntry[], keepalive: boolean) => Promise<unknown>>(send);
  const meter = new EffortMeter(new EffortReport({ assignment: { id: 3, token: "t" }, send: sent }), seen);
  const told = () =>
    sent.mock.calls.map(([, entries]) =>
      entries.map(({ frame_idx, tool, active_ms, wait_ms }) => ({ frame_idx, tool, active_ms, wait_ms })),
    );
  return { meter, sent, told };
}

describe("EffortMeter", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
  });
  afterEach(() => {
    vi.useRealTimers();
    sessionStorage.clear();
  });

  it("tells every ten seconds what was done where", async () => {
    const { meter, told } = open();
    window.dispatchEvent(new MouseEvent("pointerdown"));
    await vi.advanceTimersByTimeAsync(2000);
    meter.see({ ...seen, frame: 5 });
    await vi.advanceTimersByTimeAsync(8000);
    expect(told()).toEqual([
      [
        { frame_idx: 4, tool: "point", active_ms: 2000, wait_ms: 0 },
        { frame_idx: 5, tool: "point", active_ms: 8000, wait_ms: 0 },
      ],
    ]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told()).toHaveLength(1);
    meter.close();
  });

  it("counts nothing once the window has lost the focus, or the lease is lost", async () => {
    const { meter, told } = open();
    window.dispatchEvent(new MouseEvent("pointerdown"));
    await vi.advanceTimersByTimeAsync(1000);
    vi.spyOn(document, "hasFocus").mockReturnValue(false);
    window.dispatchEvent(new Event("blur"));
    await vi.advanceTimersByTimeAsync(4000);
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
    meter.see({ ...seen, held: false });
    await vi.advanceTimersByTimeAsync(4000);
    meter.tell();
    expect(told()).toEqual([[{ frame_idx: 4, tool: "point", active_ms: 1000, wait_ms: 0 }]]);
    meter.close();
  });

  it("tells the rest when the page goes, by a request that outlives it", async () => {
    const { meter, sent } = open();
    window.dispatchEvent(new MouseEvent("pointerdown"));
    await vi.advanceTimersByTimeAsync(1500);
    window.dispatchEvent(new Event("pagehide"));
    expect(sent.mock.calls).toMatchObject([[{ id: 3 }, [{ active_ms: 1500 }], true]]);
    meter.close();
  });

  it("goes on telling after it was closed, until it was heard", async () => {
    let up = false;
    const { meter, sent } = open(() => (up ? Promise.resolve() : Promise.reject(new Error("no answer"))));
    window.dispatchEvent(new MouseEvent("pointerdown"));
    await vi.advanceTimersByTimeAsync(1000);
    meter.close();
    window.dispatchEvent(new MouseEvent("pointerdown"));
    await vi.advanceTimersByTimeAsync(12_000);
    up = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(new Set(sent.mock.calls.map(([, entries]) => JSON.stringify(entries))).size).toBe(1);
    expect(sent.mock.calls.length).toBe(3);
  });
});
