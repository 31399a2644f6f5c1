import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";

import { keepLease } from "./keepLease";

describe("keepLease", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function keep(beat: () => Promise<unknown>) {
    const onLost = vi.fn();
    const onContact = vi.fn();
    return { onLost, onContact, stop: keepLease({ seconds: 120, beat, onLost, onContact }) };
  }

  it("beats four times in the life of a lease", async () => {
    const beat = vi.fn(() => Promise.resolve());
    const { stop } = keep(beat);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(beat).toHaveBeenCalledTimes(4);
    stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(beat).toHaveBeenCalledTimes(4);
  });

  it("keeps trying while the server cannot be reached, and loses nothing by itself", async () => {
    let reachable = false;
    const beat = vi.fn(() =>
      reachable ? Promise.resolve() : Promise.reject(new ApiError(0, "no_connection", "")),
    );
    const { onLost, onContact } = keep(beat);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(beat.mock.calls.length).toBeGreaterThan(8);
    expect(onContact).toHaveBeenLastCalledWith(false);
    reachable = true;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(onContact).toHaveBeenLastCalledWith(true);
    expect(onLost).not.toHaveBeenCalled();
  });

  it("says once that the lease is lost when the server does", async () => {
    const beat = vi.fn(() => Promise.reject(new ApiError(409, "lease_lost", "")));
    const { onLost } = keep(beat);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(onLost).toHaveBeenCalledTimes(1);
    expect(beat).toHaveBeenCalledTimes(1);
  });
});
