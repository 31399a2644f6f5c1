import { describe, expect, it, vi } from "vitest";

import { Frames, type FetchBitmap } from "./frames";

const settle = () => new Promise((resume) => setTimeout(resume, 5));

function setUp({
  frameBytes = 1000,
  count = 500,
  fetchBitmap,
}: Partial<{ frameBytes: number; count: number; fetchBitmap: FetchBitmap }> = {}) {
  const fetched: string[] = [];
  const open = new Set<string>();
  const frames = new Frames({
    count,
    frameBytes,
    addresses: { of: (j) => Promise.resolve(String(j)), drop: () => undefined },
    fetchBitmap:
      fetchBitmap ??
      ((url) => {
        fetched.push(url);
        open.add(url);
        return Promise.resolve({ close: () => open.delete(url) } as unknown as ImageBitmap);
      }),
  });
  return { frames, fetched, open };
}

describe("Frames", () => {
  it("fetches the frame on show first, then ahead", async () => {
    const { frames, fetched } = setUp();
    frames.aim(20, 1);
    await settle();
    expect(fetched.slice(0, 4)).toEqual(["20", "21", "19", "22"]);
    expect(frames.get(20)).not.toBeNull();
  });

  it("keeps a bounded number of pictures and closes the others", async () => {
    const { frames, open } = setUp({ frameBytes: 40 * 1024 * 1024 });
    for (const j of [0, 30, 60, 90]) {
      frames.aim(j, 1);
      await settle();
      expect(open.size).toBeLessThanOrEqual(10);
      expect(frames.get(j)).not.toBeNull();
    }
    expect(frames.get(0)).toBeNull();
    frames.close();
    expect(open.size).toBe(0);
  });

  it("holds on to pinned pictures while the eye travels", async () => {
    const { frames } = setUp({ frameBytes: 40 * 1024 * 1024 });
    frames.pin([0, 400]);
    frames.aim(200, 1);
    await settle();
    frames.aim(300, 1);
    await settle();
    expect(frames.get(0)).not.toBeNull();
    expect(frames.get(400)).not.toBeNull();
  });

  it("gives up fetches that are no longer near", async () => {
    const signals: AbortSignal[] = [];
    const { frames } = setUp({
      fetchBitmap: (_url, signal) => {
        signals.push(signal);
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
        });
      },
    });
    frames.aim(0, 1);
    await settle();
    frames.aim(400, 1);
    await settle();
    expect(signals.slice(0, 4).every((signal) => signal.aborted)).toBe(true);
    expect(signals).toHaveLength(8);
    expect(frames.failure(0)).toBeNull();
  });

  it("tries again with a fresh address, then says why", async () => {
    vi.useFakeTimers();
    const fetchBitmap = vi.fn<FetchBitmap>(() => Promise.reject(new Error("no such key")));
    const { frames } = setUp({ count: 1, fetchBitmap });
    frames.aim(0, 1);
    await vi.advanceTimersByTimeAsync(5000);
    vi.useRealTimers();
    expect(fetchBitmap).toHaveBeenCalledTimes(3);
    expect(frames.failure(0)).toBe("no such key");
  });
});
