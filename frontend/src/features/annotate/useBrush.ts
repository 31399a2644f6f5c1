import { useRef, useState } from "react";

import type { Tool } from "@/canvas/gesture";

export interface BrushControl {
  tool: Tool;
  setTool: (tool: Tool) => void;
  /** Diameter in frame pixels. */
  diameter: number;
  grow: (factor: number) => void;
  /** The eraser's key goes down, or up again. */
  eraser: (down: boolean) => void;
}

const LEAST = 2;
/** A key that was down for longer was held, and puts the tool back when it goes up. */
const HELD_MS = 300;

/** The size stays from object to object. */
let last: number | null = null;

/** The tool in hand, and how large the brush is. */
export function useBrush(frameHeight: number): BrushControl {
  const [tool, setTool] = useState<Tool>("point");
  const [diameter, setDiameter] = useState(() => last ?? Math.max(LEAST, Math.round(frameHeight / 20)));
  const held = useRef<{ before: Tool; since: number } | null>(null);

  const grow = (factor: number) => {
    const by =
      factor > 1
        ? Math.max(diameter + 1, Math.round(diameter * factor))
        : Math.min(diameter - 1, Math.round(diameter * factor));
    last = Math.max(LEAST, Math.min(frameHeight, by));
    setDiameter(last);
  };
  const eraser = (down: boolean) => {
    if (!down) {
      const { before, since } = held.current ?? { before: tool, since: Infinity };
      held.current = null;
      if (performance.now() - since > HELD_MS) setTool(before);
    } else if (tool === "eraser") {
      setTool("brush");
    } else {
      held.current = { before: tool, since: performance.now() };
      setTool("eraser");
    }
  };
  return { tool, setTool, diameter, grow, eraser };
}
