/**
 * What the pointer is in the middle of, as a state; every event leads to the next one and to at most
 * one intent. Positions are on the stage, in screen pixels.
 */
import type { Point } from "./view";

export type Tool = "point" | "box" | "brush" | "eraser";

export type Gesture =
  | { kind: "idle" }
  | { kind: "pressing"; button: Button; from: Point }
  | { kind: "panning"; at: Point }
  | { kind: "boxing"; from: Point; at: Point }
  | { kind: "painting"; at: Point; erases: boolean };

export type Button = "left" | "middle" | "right";

export type PointerInput =
  | { kind: "down"; button: Button; at: Point; shift: boolean }
  | { kind: "move"; at: Point }
  | { kind: "up"; at: Point }
  | { kind: "cancel" };

export type Intent =
  | { kind: "click"; at: Point; positive: boolean }
  | { kind: "box"; from: Point; to: Point }
  /** A piece of a stroke; the first one begins it, and `painted` ends it. */
  | { kind: "paint"; from: Point; to: Point; erases: boolean; begins: boolean }
  | { kind: "painted" }
  | { kind: "pan"; dx: number; dy: number };

export interface Step {
  gesture: Gesture;
  intent: Intent | null;
}

export const IDLE: Gesture = { kind: "idle" };

/** A hand trembles this much, in screen pixels, before a click becomes a drag. */
export const SLOP = 5;

export function step(gesture: Gesture, input: PointerInput, tool: Tool): Step {
  if (input.kind === "cancel") return { gesture: IDLE, intent: null };
  switch (gesture.kind) {
    case "idle":
      return input.kind === "down" ? press(input, tool) : { gesture, intent: null };
    case "pressing":
      return pressing(gesture, input);
    case "panning":
      return panning(gesture, input);
    case "boxing":
      return boxing(gesture, input);
    case "painting":
      return painting(gesture, input);
  }
}

function press(input: Extract<PointerInput, { kind: "down" }>, tool: Tool): Step {
  const { button, at, shift } = input;
  if (button === "middle") return { gesture: { kind: "panning", at }, intent: null };
  if (tool === "brush" || tool === "eraser") {
    // The right button does the opposite, as it does for clicks.
    const erases = (tool === "eraser") !== (button === "right");
    return {
      gesture: { kind: "painting", at, erases },
      intent: { kind: "paint", from: at, to: at, erases, begins: true },
    };
  }
  if (button === "left" && (shift || tool === "box")) {
    return { gesture: { kind: "boxing", from: at, at }, intent: null };
  }
  return { gesture: { kind: "pressing", button, from: at }, intent: null };
}

function pressing(gesture: Extract<Gesture, { kind: "pressing" }>, input: PointerInput): Step {
  if (input.kind === "up") {
    const positive = gesture.button === "left";
    return { gesture: IDLE, intent: { kind: "click", at: gesture.from, positive } };
  }
  if (input.kind === "move" && far(gesture.from, input.at)) {
    return panning({ kind: "panning", at: gesture.from }, input);
  }
  return { gesture, intent: null };
}

function panning(gesture: Extract<Gesture, { kind: "panning" }>, input: PointerInput): Step {
  if (input.kind === "up") return { gesture: IDLE, intent: null };
  if (input.kind !== "move") return { gesture, intent: null };
  const dx = input.at[0] - gesture.at[0];
  const dy = input.at[1] - gesture.at[1];
  return { gesture: { kind: "panning", at: input.at }, intent: { kind: "pan", dx, dy } };
}

function boxing(gesture: Extract<Gesture, { kind: "boxing" }>, input: PointerInput): Step {
  if (input.kind === "move") return { gesture: { ...gesture, at: input.at }, intent: null };
  if (input.kind !== "up") return { gesture, intent: null };
  const drawn = far(gesture.from, input.at);
  return {
    gesture: IDLE,
    intent: drawn ? { kind: "box", from: gesture.from, to: input.at } : null,
  };
}

function painting(gesture: Extract<Gesture, { kind: "painting" }>, input: PointerInput): Step {
  if (input.kind === "up") return { gesture: IDLE, intent: { kind: "painted" } };
  if (input.kind !== "move") return { gesture, intent: null };
  const { at, erases } = gesture;
  return {
    gesture: { ...gesture, at: input.at },
    intent: { kind: "paint", from: at, to: input.at, erases, begins: false },
  };
}

function far(a: Point, b: Point): boolean {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) > SLOP;
}
