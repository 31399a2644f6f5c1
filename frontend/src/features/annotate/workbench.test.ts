import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";
import type { RunEvent, RunListeners } from "@/api/events";
import type { Assignment, Doubt, MaskFrame, Masklet, Prompt, Run } from "@/api/models";

import { Workbench, type Server } from "./workbench";

const masklet = { id: 7, revision: 0, edited_frames: [], status: "annotating" } as unknown as Masklet;
const assignment = { id: 3, masklet: 7, token: "t1", lease_seconds: 120 } as unknown as Assignment;
const mask: MaskFrame = { counts: "11b0", predicted_iou: 0.9, object_score: 5, stability: 0.9 };
const click = { frame_idx: 2, kind: "click", x: 4, y: 5, positive: true } as const;
const stroke = (counts: string) =>
  ({ frame_idx: 2, kind: "mask", rle: { size: [4, 5] as [number, number], counts } }) as const;
const run = (id: number, kind: "predict" | "propagate") =>
  ({ id, kind, status: "queued", progress: { done: 0, total: 0, unit: "frames" } }) as unknown as Run;

/** A server in memory that keeps what it is told and lets the test send the events. */
function serverInMemory() {
  const state = {
    revision: 0,
    frames: {} as Record<string, MaskFrame>,
    suggestedFrames: [] as Doubt[],
    prompts: [] as Prompt[],
    live: [] as Run[],
  };
  const listeners = new Map<number, RunListeners>();
  let runs = 0;
  const server = {
    getMasklet: vi.fn(() => Promise.resolve({ ...masklet, revision: state.revision })),
    getMasks: vi.fn(() =>
      Promise.resolve({
        revision: state.revision,
        size: [4, 5],
        frames: { ...state.frames },
        prompts: [],
        suggested_frames: state.suggestedFrames,
        doubt: 0,
      }),
    ),
    listPrompts: vi.fn(() => Promise.resolve([...state.prompts])),
    listRevisions: vi.fn(() => Promise.resolve([])),
    listRuns: vi.fn(() => Promise.resolve({ next: null, previous: null, results: state.live })),
    heartbeatAssignment: vi.fn(() => Promise.resolve(assignment)),
    addPrompt: vi.fn((_id: number, prompt: object) => {
      const saved = { ...prompt, id: state.prompts.length + 1, box: null } as unknown as Prompt;
      state.prompts.push(saved);
      return Promise.resolve({ prompt: saved, run: run(++runs, "predict") });
    }),
    propagate: vi.fn(() => Promise.resolve({ run: run(++runs, "propagate") })),
    cancelRun: vi.fn(() => Promise.resolve(run(1, "propagate"))),
    restoreRevision: vi.fn(() => {
      state.revision++;
      return Promise.resolve({ masklet });
    }),
    submitAssignment: vi.fn(() => Promise.resolve(masklet)),
    followRun: vi.fn((_origin: string, id: number, heard: RunListeners) => {
      listeners.set(id, heard);
      return () => listeners.delete(id);
    }),
  };
  const tell = (id: number, event: Pick<RunEvent, "kind"> & { data: object }) =>
    listeners.get(id)?.onEvent({ id: "1-0", ...event } as RunEvent);
  const answer = (id: number, frame_idx: number) => {
    state.frames[frame_idx] = mask;
    tell(id, { kind: "mask", data: { frame_idx, size: [4, 5], ...mask } });
  };
  const end = async (id: number, status = "succeeded", error: object | null = null, facts: object = {}) => {
    state.revision++;
    tell(id, { kind: "status", data: { status, error, result: { revision: state.revision, ...facts } } });
    await settle();
  };
  return { server: server as unknown as Server & typeof server, state, listeners, answer, end };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

async function open(fake = serverInMemory()) {
  const bench = new Workbench({
    masklet,
    assignment,
    size: [4, 5],
    streamsOrigin: "http://streams",
    server: fake.server,
  });
  await bench.open();
  await settle();
  return { bench, ...fake };
}

describe("Workbench", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    sessionStorage.clear();
  });

  it("saves a click and draws the mask that its run brings", async () => {
    const { bench, answer, end, server } = await open();
    bench.prompt(click);
    expect(bench.outbox.unsent).toHaveLength(1);
    await settle();
    expect(bench.outbox.unsent).toHaveLength(0);
    expect(bench.work.prompts).toHaveLength(1);
    expect([...bench.work.predicting.values()]).toEqual([2]);
    answer(1, 2);
    expect(bench.work.frames.get(2)).toEqual(mask);
    await end(1);
    expect(bench.work.predicting.size).toBe(0);
    expect(bench.work.masklet.revision).toBe(1);
    expect(server.getMasks).toHaveBeenCalledTimes(1);
  });

  it("shows what was painted until its run has answered, also when a later stroke overtakes it", async () => {
    const { bench, answer, end } = await open();
    bench.prompt(stroke("one"));
    await settle();
    bench.prompt(stroke("two"));
    await settle();
    answer(1, 2);
    await end(1);
    expect(bench.work.drawn.get(2)?.counts).toBe("two");
    answer(2, 2);
    await end(2);
    expect(bench.work.drawn.size).toBe(0);
    expect(bench.work.frames.get(2)).toEqual(mask);
  });

  it("takes a painted mask away again that the server refuses", async () => {
    const { bench, server } = await open();
    server.addPrompt.mockRejectedValueOnce(new ApiError(400, "invalid_prompt", "The mask is empty."));
    bench.prompt(stroke("one"));
    expect(bench.work.drawn.size).toBe(1);
    await settle();
    expect(bench.work.drawn.size).toBe(0);
    expect(bench.work.trouble?.text).toContain("The mask is empty.");
  });

  it("knows which prompts a propagation has carried on", async () => {
    const { bench, answer, end } = await open();
    bench.prompt(click);
    await settle();
    answer(1, 2);
    await end(1);
    expect(bench.work.carried.size).toBe(0);
    await bench.propagate("both", 2);
    await end(2);
    expect([...bench.work.carried]).toEqual([1]);
  });

  it("fetches the mask where the event of a finished run was missed", async () => {
    const { bench, end, state } = await open();
    bench.prompt(click);
    await settle();
    state.frames["2"] = mask;
    await end(1);
    expect(bench.work.frames.get(2)).toEqual(mask);
  });

  it("takes masks one by one while propagating, and keeps them when stopped", async () => {
    const { bench, answer, end, server } = await open();
    await bench.propagate("forward", 0);
    answer(1, 0);
    answer(1, 1);
    expect([...bench.work.fresh]).toEqual([0, 1]);
    await bench.stop();
    expect(server.cancelRun).toHaveBeenCalledWith(1);
    expect(bench.work.propagation).toMatchObject({ stopping: true });
    await end(1, "cancelled");
    expect(bench.work.propagation).toBeNull();
    expect([...bench.work.frames.keys()]).toEqual([0, 1]);
  });

  it("knows where to look once the propagation has ended", async () => {
    const { bench, answer, end, state } = await open();
    await bench.propagate("forward", 0);
    answer(1, 3);
    expect(bench.work.suggestedFrames).toEqual([]);
    state.suggestedFrames = [
      { frame_idx: 3, first_frame: 3, last_frame: 5, score: 0.7, reason: "object_lost" },
    ];
    await end(1);
    expect(bench.work.suggestedFrames).toEqual(state.suggestedFrames);
    expect(bench.work.fresh.size).toBe(0);
  });

  it("knows how many frames a correction left as they were", async () => {
    const { bench, end, server } = await open();
    await bench.propagate("both", 4, true);
    expect(server.propagate).toHaveBeenCalledWith(masklet.id, "both", 4, true, expect.anything());
    await end(1, "succeeded", null, { frames: 7, kept: 41 });
    expect(bench.work.kept).toBe(41);
    await bench.propagate("both", 4);
    expect(bench.work.kept).toBe(0);
  });

  it("stops the propagation for a click, and sends the click once it has stopped", async () => {
    const { bench, end, server } = await open();
    await bench.propagate("forward", 0);
    bench.prompt(click);
    await settle();
    expect(server.cancelRun).toHaveBeenCalledTimes(1);
    expect(server.addPrompt).not.toHaveBeenCalled();
    await end(1, "cancelled");
    expect(server.addPrompt).toHaveBeenCalledTimes(1);
  });

  it("goes on with a run that was live before a reload", async () => {
    const fake = serverInMemory();
    fake.state.live = [run(40, "propagate")];
    const { bench, answer } = await open(fake);
    expect(bench.work.propagation?.run).toBe(40);
    answer(40, 5);
    expect(bench.work.frames.has(5)).toBe(true);
  });

  it("undoes to the content before and redoes to the one after", async () => {
    const { bench, answer, end, server } = await open();
    for (const id of [1, 2]) {
      bench.prompt(click);
      await settle();
      answer(id, 2);
      await end(id);
    }
    await bench.undo();
    expect(server.restoreRevision).toHaveBeenLastCalledWith(7, 1, { leaseToken: "t1", ifMatch: 2 });
    await bench.redo();
    expect(server.restoreRevision).toHaveBeenLastCalledWith(7, 2, { leaseToken: "t1", ifMatch: 3 });
  });

  it("stops editing when the lease is lost, keeps the click and sends it after the next claim", async () => {
    const { bench, server } = await open();
    server.addPrompt.mockRejectedValueOnce(new ApiError(409, "lease_lost", ""));
    bench.prompt(click);
    await settle();
    expect(bench.work.leaseLost).toBe(true);
    expect(bench.outbox.unsent).toHaveLength(1);
    await bench.resume(masklet, { ...assignment, token: "t2" });
    await settle();
    expect(bench.work.leaseLost).toBe(false);
    expect(server.addPrompt).toHaveBeenLastCalledWith(
      7,
      click,
      expect.objectContaining({ leaseToken: "t2" }),
    );
    expect(bench.outbox.unsent).toHaveLength(0);
  });

  it("notices by heartbeat that another tab took over", async () => {
    const { bench, server } = await open();
    server.heartbeatAssignment.mockRejectedValue(new ApiError(409, "lease_lost", ""));
    await vi.advanceTimersByTimeAsync(31_000);
    expect(bench.work.leaseLost).toBe(true);
  });

  it("says what failed and what is safe", async () => {
    const { bench, end } = await open();
    bench.prompt(click);
    await settle();
    await end(1, "failed", { code: "out_of_memory", message: "The worker ran out of memory." });
    expect(bench.work.trouble).toEqual({
      title: "The mask could not be computed",
      text: "The worker ran out of memory. Your prompt is saved. Click again, or undo.",
    });
  });

  it("does not leave when the server refuses to submit", async () => {
    const { bench, server } = await open();
    server.submitAssignment.mockRejectedValueOnce(new ApiError(400, "invalid", "There is no mask yet."));
    expect(await bench.submit()).toBe(false);
    expect(bench.work.trouble?.text).toContain("There is no mask yet.");
    expect(await bench.submit()).toBe(true);
  });
});
