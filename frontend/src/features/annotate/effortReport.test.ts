import { afterEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";
import type { EffortEntry } from "@/api/models";
import type { Spent } from "@/lib/activity";

import { EffortReport } from "./effortReport";

const spent = (activeMs: number, frame = 0): Spent<"point"> => ({
  frame,
  tool: "point",
  activeMs,
  waitMs: 0,
  strokes: 0,
});

function report(send: () => Promise<unknown>, token = "t1") {
  const sent =
    vi.fn<(assignment: object, entries: EffortEntry[], keepalive: boolean) => Promise<unknown>>(send);
  return { report: new EffortReport({ assignment: { id: 3, token }, send: sent }), sent };
}

const refuse = (status: number, code: string) => () => Promise.reject(new ApiError(status, code, ""));

describe("EffortReport", () => {
  afterEach(() => sessionStorage.clear());

  it("numbers what it tells, leaves out what is nothing, and tells it once", async () => {
    const { report: told, sent } = report(() => Promise.resolve());
    told.add([spent(1234.6), spent(0.2, 1), { ...spent(0, 2), strokes: 3 }]);
    await told.flush();
    const first = sent.mock.calls[0][1][0].sequence;
    expect(sent.mock.calls).toEqual([
      [
        { id: 3, token: "t1" },
        [
          { sequence: first, frame_idx: 0, tool: "point", active_ms: 1235, wait_ms: 0, strokes: 0 },
          { sequence: first + 1, frame_idx: 2, tool: "point", active_ms: 0, wait_ms: 0, strokes: 3 },
        ],
        false,
      ],
    ]);
    await told.flush();
    expect(sent).toHaveBeenCalledTimes(1);
  });

  it("tells again with the same numbers what got no answer, together with what is new", async () => {
    const { report: told, sent } = report(refuse(0, "no_connection"));
    told.add([spent(1000)]);
    await told.flush();
    told.add([spent(2000)]);
    await told.flush();
    const [[, before], [, after]] = sent.mock.calls;
    expect(after.map(({ sequence }) => sequence)).toEqual([before[0].sequence, before[0].sequence + 1]);
  });

  it("goes on after a reload where it was", async () => {
    const before = report(refuse(503, "unavailable"));
    before.report.add([spent(1000)]);
    await before.report.flush();
    const after = report(() => Promise.resolve());
    after.report.add([spent(500)]);
    await after.report.flush();
    const first = before.sent.mock.calls[0][1][0].sequence;
    expect(after.sent.mock.calls[0][1].map(({ sequence }) => sequence)).toEqual([first, first + 1]);
  });

  it("shares no numbers with another tab that takes the assignment over", () => {
    const here = report(() => Promise.resolve()).report;
    const there = report(() => Promise.resolve(), "t2").report;
    for (const told of [here, there]) told.add([spent(1), spent(1, 1)]);
    const numbers = [...here.unsent, ...there.unsent].map(({ sequence }) => sequence);
    expect(new Set(numbers).size).toBe(4);
  });

  it("gives up what the server will never take, and says nothing", async () => {
    const { report: told } = report(refuse(409, "lease_lost"));
    told.add([spent(1000)]);
    await told.flush();
    expect(told.unsent).toEqual([]);
  });

  it("does not wait for an answer when the page goes", async () => {
    const { report: told, sent } = report(() => new Promise(() => undefined));
    told.add([spent(1000)]);
    void told.flush();
    void told.flush();
    void told.flush(true);
    expect(sent.mock.calls.map(([, , keepalive]) => keepalive)).toEqual([false, true]);
    await Promise.resolve();
    expect(told.unsent).toHaveLength(1);
  });

  it("tells at most 500 at once, and the rest the next time", async () => {
    const { report: told, sent } = report(() => Promise.resolve());
    told.add(Array.from({ length: 700 }, (_, frame) => spent(100, frame)));
    await told.flush();
    await told.flush();
    expect(sent.mock.calls.map(([, entries]) => entries.length)).toEqual([500, 200]);
  });
});
