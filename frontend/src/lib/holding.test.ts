import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { forget, isOurs, recall, remember } from "./holding";

beforeEach(() => sessionStorage.clear());
afterEach(() => void vi.unstubAllGlobals());

const lease = { id: 3, masklet: 8, token: "t" };

test("a lease is found again by its masklet, a review by its own id, and neither for the other", () => {
  remember("assignment", lease);
  remember("review", { id: 3, token: "r" });
  expect(recall("assignment", 8)).toEqual(lease);
  expect(recall("assignment", 3)).toBeNull();
  expect(recall("review", 3)).toEqual({ id: 3, token: "r" });
  expect(recall("review", 8)).toBeNull();
});

test("what is forgotten is gone, and the others stay", () => {
  remember("assignment", lease);
  remember("review", { id: 8, token: "r" });
  forget("assignment", 8);
  expect(recall("assignment", 8)).toBeNull();
  expect(recall("review", 8)).not.toBeNull();
});

test("what another hand wrote there is no lease", () => {
  sessionStorage.setItem("maskloop.assignment.8", "{broken");
  expect(recall("assignment", 8)).toBeNull();
});

test("where nothing can be stored, nothing breaks", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  expect(() => remember("assignment", lease)).not.toThrow();
  expect(recall("assignment", 8)).toBeNull();
});

/** The browser's locks, which jsdom lacks: one holder for a name, others wait until their signal ends. */
function locks() {
  const held = new Set<string>();
  const request = (name: string, { signal }: LockOptions, hold: () => Promise<never>): Promise<unknown> => {
    if (!held.has(name)) {
      held.add(name);
      return hold();
    }
    return new Promise((_, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason as Error)),
    );
  };
  vi.stubGlobal("navigator", { ...navigator, locks: { request } });
  return held;
}

test("a lease is ours when its lock is, also when asked twice", async () => {
  locks();
  expect(await isOurs("assignment", { ...lease, token: "own" })).toBe(true);
  expect(await isOurs("assignment", { ...lease, token: "own" })).toBe(true);
});

test("a duplicated tab is told that the lease is not its own, after the wait of a reload", async () => {
  const held = locks();
  held.add("maskloop.review.9.copied");
  const asked = Date.now();
  expect(await isOurs("review", { id: 9, token: "copied" })).toBe(false);
  expect(Date.now() - asked).toBeGreaterThanOrEqual(900);
});

test("without locks a duplicate cannot be told, and people work on", async () => {
  vi.stubGlobal("navigator", {});
  expect(await isOurs("review", { id: 9, token: "any" })).toBe(true);
});
