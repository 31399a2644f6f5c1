import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Run } from "./models";
import { useLiveRun } from "./useLiveRun";
import { sessionQuery } from "./useSession";

/** The browser's EventSource, held in the hand: jsdom brings none. */
class HandSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: HandSource[] = [];
  readyState = 0;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    HandSource.opened.push(this);
  }

  close() {
    this.readyState = HandSource.CLOSED;
  }

  tell(kind: string, data: unknown) {
    act(() => void this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) })));
  }
}

beforeEach(() => {
  HandSource.opened = [];
  vi.stubGlobal("EventSource", HandSource);
});
afterEach(() => void vi.unstubAllGlobals());

const run = (id: number, status: Run["status"] = "queued") =>
  ({ id, status, progress: { done: 0, total: 10, unit: "frames" }, error: null, result: {} }) as Run;

function live(first: Run | null, follow = true) {
  const client = new QueryClient();
  client.setQueryData(sessionQuery.queryKey, { streams_origin: "http://streams" } as never);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const onEnd = vi.fn<(run: Run) => void>();
  const hook = renderHook(({ now }) => useLiveRun(now, onEnd, follow), {
    wrapper,
    initialProps: { now: first },
  });
  return { ...hook, onEnd };
}

test("progress is shown ahead of the next fetch, and says that the run is under way", () => {
  const { result, onEnd } = live(run(4));
  HandSource.opened[0].tell("progress", { done: 3, total: 10, unit: "frames" });
  expect(result.current).toMatchObject({ status: "running", progress: { done: 3, total: 10 } });
  expect(onEnd).not.toHaveBeenCalled();
});

test("the end is told once with what it left, and the progress that was seen stays", () => {
  const { result, onEnd } = live(run(4, "running"));
  const [source] = HandSource.opened;
  source.tell("progress", { done: 9, total: 10, unit: "frames" });
  source.tell("status", { status: "succeeded", error: null, result: { revision: 5 } });
  expect(result.current).toMatchObject({
    status: "succeeded",
    result: { revision: 5 },
    progress: { done: 9 },
  });
  expect(onEnd.mock.calls.map(([ended]) => [ended.id, ended.status])).toEqual([[4, "succeeded"]]);
});

test("what was told of one run is not said of the next", () => {
  const { result, rerender } = live(run(4));
  HandSource.opened[0].tell("progress", { done: 9, total: 10, unit: "frames" });
  rerender({ now: run(5) });
  expect(result.current).toEqual(run(5));
  expect(HandSource.opened.map(({ url, readyState }) => [url, readyState])).toEqual([
    ["http://streams/api/runs/4/events/", HandSource.CLOSED],
    ["http://streams/api/runs/5/events/", 0],
  ]);
});

test("a fetch that says that the run ended beats what the events told before", () => {
  const { result, rerender } = live(run(4));
  HandSource.opened[0].tell("progress", { done: 2, total: 10, unit: "frames" });
  rerender({ now: run(4, "cancelled") });
  expect(result.current).toEqual(run(4, "cancelled"));
});

test.each([
  ["a run that is over", run(4, "failed"), true],
  ["a run further down a list", run(4), false],
  ["no run", null, true],
])("%s opens no stream", (_, first, follow) => {
  const { result } = live(first, follow);
  expect(HandSource.opened).toEqual([]);
  expect(result.current).toEqual(first);
});
