import { describe, expect, it } from "vitest";

import { IDLE, step, type Button, type Gesture, type Intent, type PointerInput, type Tool } from "./gesture";
import type { Point } from "./view";

const down = (at: Point, button: Button = "left", shift = false): PointerInput => ({
  kind: "down",
  button,
  at,
  shift,
});
const move = (at: Point): PointerInput => ({ kind: "move", at });
const up = (at: Point): PointerInput => ({ kind: "up", at });

function play(inputs: PointerInput[], tool: Tool = "point"): { gesture: Gesture; intents: Intent[] } {
  let gesture: Gesture = IDLE;
  const intents: Intent[] = [];
  for (const input of inputs) {
    const next = step(gesture, input, tool);
    gesture = next.gesture;
    if (next.intent) intents.push(next.intent);
  }
  return { gesture, intents };
}

describe("the pointer", () => {
  it("adds with the left button and removes with the right one", () => {
    expect(play([down([10, 10]), up([10, 10])]).intents).toEqual([
      { kind: "click", at: [10, 10], positive: true },
    ]);
    expect(play([down([10, 10], "right"), up([10, 10])]).intents).toEqual([
      { kind: "click", at: [10, 10], positive: false },
    ]);
  });

  it("clicks where it was pressed, though the hand trembles", () => {
    expect(play([down([10, 10]), move([12, 13]), up([13, 12])]).intents).toEqual([
      { kind: "click", at: [10, 10], positive: true },
    ]);
  });

  it("pans when pressed and moved, by the whole way, and clicks no more", () => {
    const { gesture, intents } = play([down([10, 10]), move([30, 10]), move([35, 18]), up([35, 18])]);
    expect(gesture).toEqual(IDLE);
    expect(intents).toEqual([
      { kind: "pan", dx: 20, dy: 0 },
      { kind: "pan", dx: 5, dy: 8 },
    ]);
  });

  it("pans with the middle button at once, in every tool", () => {
    expect(play([down([0, 0], "middle"), move([1, 2])], "box").intents).toEqual([
      { kind: "pan", dx: 1, dy: 2 },
    ]);
  });

  it.each<[string, PointerInput, Tool]>([
    ["the box tool", down([10, 10]), "box"],
    ["shift", down([10, 10], "left", true), "point"],
  ])("draws a box with %s", (_name, press, tool) => {
    expect(play([press, move([50, 40])], tool).gesture).toEqual({
      kind: "boxing",
      from: [10, 10],
      at: [50, 40],
    });
    expect(play([press, move([50, 40]), up([60, 50])], tool).intents).toEqual([
      { kind: "box", from: [10, 10], to: [60, 50] },
    ]);
  });

  it("draws no box of a mere click", () => {
    expect(play([down([10, 10]), up([11, 10])], "box")).toEqual({ gesture: IDLE, intents: [] });
  });

  it("removes with the right button in the box tool too", () => {
    expect(play([down([10, 10], "right"), up([10, 10])], "box").intents).toMatchObject([{ positive: false }]);
  });

  it("forgets everything on cancel", () => {
    expect(play([down([10, 10]), move([50, 50]), { kind: "cancel" }, up([50, 50])], "box")).toEqual({
      gesture: IDLE,
      intents: [],
    });
  });

  it("ignores a second button while the first is down", () => {
    expect(play([down([10, 10]), down([10, 10], "right"), up([10, 10])]).intents).toMatchObject([
      { positive: true },
    ]);
  });
});

describe("the brush", () => {
  it("paints from where it is put down, piece by piece, and ends with the button", () => {
    const { gesture, intents } = play(
      [down([10, 10]), move([14, 10]), move([20, 12]), up([20, 12])],
      "brush",
    );
    expect(gesture).toEqual(IDLE);
    expect(intents).toEqual([
      { kind: "paint", from: [10, 10], to: [10, 10], erases: false, begins: true },
      { kind: "paint", from: [10, 10], to: [14, 10], erases: false, begins: false },
      { kind: "paint", from: [14, 10], to: [20, 12], erases: false, begins: false },
      { kind: "painted" },
    ]);
  });

  it.each<[Tool, Button, boolean]>([
    ["brush", "left", false],
    ["brush", "right", true],
    ["eraser", "left", true],
    ["eraser", "right", false],
  ])("with the %s in hand, the %s button erases: %s", (tool, button, erases) => {
    expect(play([down([1, 1], button)], tool).intents).toMatchObject([{ kind: "paint", erases }]);
  });

  it("still pans with the middle button, and leaves no stroke when it is cancelled", () => {
    expect(play([down([0, 0], "middle"), move([1, 2])], "brush").intents).toEqual([
      { kind: "pan", dx: 1, dy: 2 },
    ]);
    const { gesture, intents } = play([down([1, 1]), { kind: "cancel" }, up([1, 1])], "brush");
    expect(gesture).toEqual(IDLE);
    expect(intents).toMatchObject([{ kind: "paint" }]);
  });
});
