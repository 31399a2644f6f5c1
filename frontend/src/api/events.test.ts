import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { followRun, parseRunEvent, type Connection, type RunEvent } from "./events";

/** The browser's EventSource, held in the hand: neither jsdom nor Node brings one. */
class HandSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: HandSource[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  readonly url: string;
  readonly options: EventSourceInit;

  constructor(url: string, options: EventSourceInit) {
    super();
    this.url = url;
    this.options = options;
    HandSource.opened.push(this);
  }

  close() {
    this.readyState = HandSource.CLOSED;
  }

  send(kind: string, data: unknown, lastEventId: string) {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data), lastEventId }));
  }

  refuse() {
    this.readyState = HandSource.CLOSED;
    this.onerror?.();
  }
}

beforeEach(() => {
  HandSource.opened = [];
  vi.stubGlobal("EventSource", HandSource);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const follow = () => {
  const events: RunEvent[] = [];
  const connections: Connection[] = [];
  const stop = followRun("http://streams", 9, {
    onEvent: (event) => events.push(event),
    onConnection: (state) => connections.push(state),
  });
  return { events, connections, stop };
};

const mask = {
  frame_idx: 4,
  counts: "abc",
  size: [2, 3],
  predicted_iou: 0.9,
  object_score: 2,
  stability: 0.97,
};

test("events are typed by their kind and carry their id", () => {
  const { events } = follow();
  HandSource.opened[0].send("mask", mask, "1-0");
  HandSource.opened[0].send("progress", { done: 1, total: 8, unit: "frames" }, "2-0");
  expect(events).toEqual([
    { kind: "mask", id: "1-0", data: mask },
    { kind: "progress", id: "2-0", data: { done: 1, total: 8, unit: "frames" } },
  ]);
});

test("the stream is asked for with credentials, at the streams' origin", () => {
  follow();
  expect(HandSource.opened[0]).toMatchObject({
    url: "http://streams/api/runs/9/events/",
    options: { withCredentials: true },
  });
});

test("a terminal status closes the stream, a live one does not", () => {
  const { connections } = follow();
  const [source] = HandSource.opened;
  source.send("status", { status: "running" }, "1-0");
  expect(source.readyState).not.toBe(HandSource.CLOSED);
  source.send("status", { status: "succeeded", error: null, result: { revision: 3 } }, "2-0");
  expect(source.readyState).toBe(HandSource.CLOSED);
  expect(connections.at(-1)).toBe("closed");
});

test("a refused stream is opened again after the last event that was seen", () => {
  const { connections } = follow();
  HandSource.opened[0].send("mask", mask, "17-0");
  HandSource.opened[0].refuse();
  expect(connections.at(-1)).toBe("lost");
  vi.advanceTimersByTime(500);
  expect(HandSource.opened[1].url).toBe("http://streams/api/runs/9/events/?last_event_id=17-0");
});

test("nothing is heard, and nothing is opened again, after stopping", () => {
  const { events, stop } = follow();
  stop();
  HandSource.opened[0].send("mask", mask, "1-0");
  HandSource.opened[0].refuse();
  vi.advanceTimersByTime(10_000);
  expect(events).toEqual([]);
  expect(HandSource.opened).toHaveLength(1);
});

test.each(["", "nonsense", "[]", '{"counts": 3}', "null"])("data that is no mask is left out: %s", (text) => {
  expect(parseRunEvent("mask", text, "1-0")).toBeNull();
});

test("a status without details has no error and an empty result", () => {
  expect(parseRunEvent("status", '{"status":"cancelled"}', "1-0")).toMatchObject({
    data: { status: "cancelled", error: null, result: {} },
  });
});
