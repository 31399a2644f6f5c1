import { expect, test } from "vitest";

import { place } from "./Tooltip";

const box = (left: number, top: number, width: number, height: number) => ({
  left,
  top,
  width,
  height,
  right: left + width,
  bottom: top + height,
});
const window = { innerWidth: 1000, innerHeight: 600 };
const bubble = box(0, 0, 100, 20);

test("a bubble stands centred at the wished side", () => {
  expect(place(box(500, 300, 40, 30), bubble, "bottom", window)).toEqual({ left: 470, top: 336 });
  expect(place(box(500, 300, 40, 30), bubble, "right", window)).toEqual({ left: 546, top: 305 });
});

test("without room it goes to the other side", () => {
  expect(place(box(500, 560, 40, 30), bubble, "bottom", window).top).toBe(534);
  expect(place(box(2, 300, 40, 30), bubble, "left", window).left).toBe(48);
});

test("it never leaves the window", () => {
  expect(place(box(980, 10, 20, 20), bubble, "bottom", window).left).toBe(892);
  expect(place(box(0, 10, 20, 20), bubble, "bottom", window).left).toBe(8);
});
