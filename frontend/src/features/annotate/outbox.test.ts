import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";
import type { NewPrompt } from "@/api/models";

import { Outbox, type OutboxOptions } from "./outbox";

const click = (x: number): NewPrompt => ({ frame_idx: 0, kind: "click", x, y: 1, positive: true });
const noAnswer = () => Promise.reject(new ApiError(0, "no_connection", "The server cannot be reached."));

function outbox(send: OutboxOptions["send"]) {
  const options = { send: vi.fn(send), onRefused: vi.fn(), onLeaseLost: vi.fn(), storageKey: "unsent" };
  const box = new Outbox(options);
  box.resume();
  return { box, ...options };
}

describe("Outbox", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    sessionStorage.clear();
  });

  it("shows a prompt as saving at once, and lets go of it when it is stored", async () => {
    const { box } = outbox(() => Promise.resolve());
    box.push(click(1));
    expect(box.unsent).toMatchObject([{ prompt: click(1), state: "saving" }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(box.unsent).toEqual([]);
  });

  it("tries again with the same key until the server answers", async () => {
    let up = false;
    const { box, send } = outbox(() => (up ? Promise.resolve() : noAnswer()));
    box.push(click(1));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(box.unsent).toMatchObject([{ state: "retrying" }]);
    up = true;
    await vi.advanceTimersByTimeAsync(8_000);
    expect(box.unsent).toEqual([]);
    expect(new Set(send.mock.calls.map(([, key]) => key)).size).toBe(1);
    expect(send.mock.calls.length).toBeGreaterThan(3);
  });

  it("keeps the order: a later click waits for an earlier one", async () => {
    const sent: number[] = [];
    let fail = 2;
    const { box } = outbox((prompt) => {
      if (fail-- > 0) return Promise.reject(new ApiError(503, "storage_unavailable", ""));
      sent.push((prompt as { x: number }).x);
      return Promise.resolve();
    });
    box.push(click(1));
    box.push(click(2));
    box.push(click(3));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual([1, 2, 3]);
  });

  it("says that a prompt is not saved when the answer takes long", async () => {
    const { box } = outbox(() => new Promise(() => undefined));
    box.push(click(1));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(box.unsent).toMatchObject([{ state: "retrying" }]);
  });

  it("drops what the server refuses for good, with the reason, and goes on", async () => {
    const { box, onRefused } = outbox((prompt) =>
      (prompt as { x: number }).x < 0
        ? Promise.reject(new ApiError(400, "invalid_prompt", "outside"))
        : Promise.resolve(),
    );
    box.push(click(-1));
    box.push(click(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(box.unsent).toEqual([]);
    expect(onRefused).toHaveBeenCalledWith(click(-1), expect.objectContaining({ message: "outside" }));
  });

  it("waits with everything when the lease is lost, and sends it after the next claim", async () => {
    let held = false;
    const { box, send, onLeaseLost } = outbox(() =>
      held ? Promise.resolve() : Promise.reject(new ApiError(409, "lease_lost", "")),
    );
    box.push(click(1));
    box.push(click(2));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onLeaseLost).toHaveBeenCalledTimes(1);
    expect(send).toHaveBeenCalledTimes(1);
    expect(box.unsent).toHaveLength(2);
    held = true;
    box.resume();
    await vi.advanceTimersByTimeAsync(0);
    expect(box.unsent).toEqual([]);
  });

  it("sends after a reload what the page could not send before, under its old key", async () => {
    const before = outbox(noAnswer);
    before.box.push(click(7));
    await vi.advanceTimersByTimeAsync(0);
    before.box.pause();
    const after = outbox(() => Promise.resolve());
    await vi.advanceTimersByTimeAsync(0);
    expect(after.send).toHaveBeenCalledWith(click(7), before.send.mock.calls[0][1]);
    expect(after.box.unsent).toEqual([]);
  });

  it("sends of several strokes that wait on one frame only the last, which holds them all", async () => {
    const stroke = (frame_idx: number, counts: string): NewPrompt => ({
      frame_idx,
      kind: "mask",
      rle: { size: [4, 5], counts },
    });
    const answers: (() => void)[] = [];
    const { box, send } = outbox(() => new Promise<void>((resolve) => answers.push(resolve)));
    for (const given of [
      stroke(0, "a"),
      stroke(0, "b"),
      stroke(0, "c"),
      stroke(1, "d"),
      click(1),
      stroke(1, "e"),
    ])
      box.push(given);
    for (let i = 0; i < 5; i++) {
      await vi.advanceTimersByTimeAsync(0);
      answers[i]?.();
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(send.mock.calls.map(([given]) => (given.kind === "mask" ? given.rle.counts : "click"))).toEqual([
      "a",
      "c",
      "d",
      "click",
      "e",
    ]);
  });

  it("takes back a prompt that still waits its turn, not the one under way", () => {
    const { box } = outbox(() => new Promise(() => undefined));
    box.push(click(1));
    box.push(click(2));
    expect(box.takeBack()).toBe(true);
    expect(box.takeBack()).toBe(false);
    expect(box.unsent).toHaveLength(1);
  });
});
