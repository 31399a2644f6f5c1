import { expect, test } from "vitest";

import { described, drawn, timeBars, waitBars } from "./bars";
import { PAPER, row } from "./testing";

test("a phase's time stands beside the paper's", () => {
  expect(timeBars([row("3", { seconds_per_frame: 6 })], { by: "phase", paper: PAPER })).toMatchObject([
    { parts: [6], words: "6.0 s", mark: 4.5 },
  ]);
});

test("other rows have the paper's mark only where all was done in one phase", () => {
  const rows = [row("anna", { seconds_per_frame: 6 })];
  expect(timeBars(rows, { by: "person", paper: PAPER })[0].mark).toBeUndefined();
  expect(timeBars(rows, { by: "person", paper: PAPER }, 2)[0].mark).toBe(7.4);
});

test("waiting is a share of all the time", () => {
  const bars = waitBars([
    row("3", { active_seconds: 90, wait_seconds: 30 }),
    row("2", { active_seconds: 0, wait_seconds: 0 }),
  ]);
  expect(described(bars)).toBe("Phase 3: 25 % waiting.");
});

test("of many weeks the last are drawn, of many people those with the most work", () => {
  const rows = Array.from({ length: 20 }, (_, i) => row(String(100 + i), { active_seconds: 100 - i }));
  expect(drawn({ by: "week", rows }).at(-1)?.key).toBe("119");
  expect(drawn({ by: "week", rows })).toHaveLength(12);
  expect(drawn({ by: "person", rows })[0].key).toBe("100");
});
