import { expect, test } from "vitest";

import { BOX, graph, inWords, type CheckpointNode } from "./graph";
import { checkpoint, line } from "./testing";

const judged = {
  champion: 1,
  champion_name: "default",
  gain: 0.04,
  gain_low: 0.01,
  gain_high: 0.07,
  passed: true,
};
const rows = [
  checkpoint(1, null, { name: "default" }),
  checkpoint(2, 1, { name: "first 8", release: 3, release_name: "first", judged, active: true }),
  checkpoint(3, 1, { name: "first 9", release: 3, release_name: "first" }),
  checkpoint(4, 2, { name: "second 11", release: 4, release_name: "second" }),
  checkpoint(5, null, { name: "theirs", came_from: "sam2.pt" }),
];
const drawn = graph(rows, line);
const boxes = drawn.nodes.filter((node): node is CheckpointNode => node.kind === "checkpoint");
const box = (id: number) => boxes.find((node) => node.checkpoint.id === id)!;

test("generations go to the right, and no two checkpoints cover each other", () => {
  expect(box(1).x).toBeLessThan(box(2).x);
  expect(box(2).x).toBe(box(3).x);
  expect(box(2).x).toBeLessThan(box(4).x);
  expect(box(5).x).toBe(box(1).x);
  for (const [i, one] of boxes.entries())
    for (const other of boxes.slice(i + 1))
      expect(Math.abs(one.x - other.x) >= BOX.width || Math.abs(one.y - other.y) >= BOX.height).toBe(true);
});

test("each comes from its base and from its release", () => {
  expect(drawn.edges.filter(({ kind }) => kind === "base")).toHaveLength(3);
  expect(drawn.edges.filter(({ kind }) => kind === "release")).toHaveLength(3);
  const toSecond = drawn.edges.find(({ kind, to }) => kind === "base" && to.x === box(4).x)!;
  expect(toSecond.from.x).toBe(box(2).x + BOX.width);
});

test("all of it lies inside the drawing", () => {
  for (const { x, y } of drawn.nodes) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x + 1).toBeLessThan(drawn.width);
    expect(y + 1).toBeLessThan(drawn.height);
  }
});

test("each is told in a sentence, too", () => {
  expect(inWords(box(2), "default")).toBe(
    "first 8: retrained from default on release first, judged beside default: J&F +0.040, passed, champion now",
  );
  expect(inWords(box(1), undefined)).toBe("default: the installation’s own, champion once");
  expect(inWords(box(5), undefined)).toBe("theirs: brought in from sam2.pt");
});

test("a project that has not begun has an empty drawing", () => {
  expect(graph([], [])).toEqual({ nodes: [], edges: [], width: BOX.width, height: BOX.height });
});
