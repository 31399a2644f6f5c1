import { useState, type PointerEvent, type RefObject } from "react";

import { IDLE, step, type Button, type Gesture, type Intent, type PointerInput, type Tool } from "./gesture";
import type { StrokeControl } from "./useStroke";
import type { ViewControl } from "./useView";
import { onFrame, ontoFrame, toFrame, type Point, type Size } from "./view";

export interface GesturesOptions {
  box: RefObject<HTMLDivElement | null>;
  size: Size;
  tool: Tool;
  view: ViewControl;
  stroke: StrokeControl;
  /** Left out where one only looks. Positions in frame pixels. */
  onClick: ((at: Point, positive: boolean) => void) | undefined;
  onBox: ((box: [number, number, number, number]) => void) | undefined;
  /** The pointer is at `at` of the stage. */
  onPoint: (at: Point) => void;
}

const BUTTONS: Record<number, Button> = { 0: "left", 1: "middle", 2: "right" };

/** What the pointer does on the stage. */
export function useGestures(options: GesturesOptions) {
  const { box, tool, onBox, onPoint } = options;
  const [gesture, setGesture] = useState<Gesture>(IDLE);
  const feed = (inputs: readonly PointerInput[]) => {
    let now = gesture;
    for (const input of inputs) {
      const { gesture: next, intent } = step(now, input, tool);
      now = next;
      if (intent && !perform(intent, options)) now = IDLE;
    }
    setGesture(now);
  };
  const place = (event: { clientX: number; clientY: number }): Point => {
    const { left, top } = box.current!.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      const button = BUTTONS[event.button];
      if (button === undefined || (event.target as Element).closest("button, a") !== null) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const shift = event.shiftKey && onBox !== undefined;
      feed([{ kind: "down", button, at: place(event), shift }]);
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      onPoint(place(event));
      // A stroke follows the hand more closely than the screen is drawn.
      const passed = gesture.kind === "painting" ? (event.nativeEvent.getCoalescedEvents?.() ?? []) : [];
      feed((passed.length > 0 ? passed : [event]).map((one) => ({ kind: "move", at: place(one) })));
    },
    onPointerUp: (event: PointerEvent<HTMLDivElement>) => feed([{ kind: "up", at: place(event) }]),
    onPointerCancel: () => feed([{ kind: "cancel" }]),
  };
  return { gesture, handlers, place };
}

/** False where the gesture leads nowhere. */
function perform(intent: Intent, { size, view: control, stroke, onClick, onBox }: GesturesOptions): boolean {
  const { view, panBy } = control;
  switch (intent.kind) {
    case "pan":
      panBy(intent.dx, intent.dy);
      return true;
    case "click": {
      const at = toFrame(view, intent.at);
      if (onFrame(at, size)) onClick?.(at, intent.positive);
      return true;
    }
    case "box": {
      const [ax, ay] = ontoFrame(toFrame(view, intent.from), size);
      const [bx, by] = ontoFrame(toFrame(view, intent.to), size);
      const [left, top, right, bottom] = [
        Math.min(ax, bx),
        Math.min(ay, by),
        Math.max(ax, bx),
        Math.max(ay, by),
      ];
      if (right - left >= 1 && bottom - top >= 1) onBox?.([left, top, right, bottom]);
      return true;
    }
    case "paint":
      if (intent.begins && !stroke.begin(intent.erases)) return false;
      stroke.extend(view, intent.from, intent.to);
      return true;
    case "painted":
      stroke.end();
      return true;
  }
}
