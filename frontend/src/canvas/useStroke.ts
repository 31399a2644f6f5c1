import { useRef, type RefObject } from "react";

import type { Rle } from "@/api/models";
import type { MaskLook } from "@/masks/draw";
import { Painting } from "@/masks/painting";
import type { Shapes } from "@/masks/shapes";

import { toFrame, type Point, type Size, type View } from "./view";

/** The brush and the eraser: they make the mask of the frame on show. */
export interface Brush {
  /** In frame pixels. */
  diameter: number;
  /** What is there to paint on; null for nothing. */
  mask: Rle | null;
  look: MaskLook;
  /** Whether one may paint here and now; asked when a stroke begins. */
  onBegin: (erases: boolean) => boolean;
  /** A stroke has changed the mask of `frame`, which is `rle` now. */
  onStroke: (rle: Rle, frame: number, erases: boolean) => void;
}

/** The mask while it is painted on. */
export interface Stroke {
  painting: Painting;
  frame: number;
  erases: boolean;
}

export interface StrokeControl {
  /** Null while nothing is painted. */
  live: RefObject<Stroke | null>;
  /** Whether a stroke begins here. */
  begin: (erases: boolean) => boolean;
  /** Paints from one point of the stage to another. */
  extend: (view: View, from: Point, to: Point) => void;
  end: () => void;
}

/** The stroke of `brush` over `frame`. */
export function useStroke(
  { width, height }: Size,
  frame: number,
  shapes: Shapes,
  brush: Brush | undefined,
): StrokeControl {
  const live = useRef<Stroke | null>(null);
  return {
    live,
    begin: (erases) => {
      live.current = null;
      if (!brush?.onBegin(erases)) return false;
      live.current = { painting: new Painting([height, width], brush.mask), frame, erases };
      return true;
    },
    extend: (view, from, to) => {
      const stroke = live.current;
      const radius = (brush?.diameter ?? 0) / 2;
      stroke?.painting.stroke(toFrame(view, from), toFrame(view, to), radius, !stroke.erases);
    },
    end: () => {
      const made = live.current;
      live.current = null;
      if (!made?.painting.changed) return;
      const rle = made.painting.rle();
      // Drawn already: it need not be traced again before it can be shown.
      shapes.put(rle, made.painting.contours());
      brush?.onStroke(rle, made.frame, made.erases);
    },
  };
}
