import { expect, test } from "vitest";

import { histogram, named, share } from "./bars";

test("the first and the last bar are open", () => {
  const bars = histogram([1, 2, 3], [2, 5], String);
  expect(bars.map(({ label, parts }) => [label, parts[0]])).toEqual([
    ["below 2", 1],
    ["2 to 5", 2],
    ["5 and more", 3],
  ]);
});

test("names come by their number, and what has none is called so", () => {
  const bars = named({ dog: 2, "": 5, cat: 3 }, "no label", 2);
  expect(bars.map(({ label }) => label)).toEqual(["no label", "cat"]);
});

test("small shares keep their digits", () => {
  expect([share(0.003), share(0.1), share(0.425)]).toEqual(["0.3 %", "10 %", "43 %"]);
});
