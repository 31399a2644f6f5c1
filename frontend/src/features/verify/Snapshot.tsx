import { useLayoutEffect, useRef } from "react";

import type { Rle } from "@/api/models";
import { useSignal } from "@/lib/signal";
import { drawMask, type MaskLook } from "@/masks/draw";
import type { Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";

export interface SnapshotProps {
  footage: Footage;
  shapes: Shapes;
  frame: number;
  mask: Rle | undefined;
  look: MaskLook;
  /** Of the canvas, in pixels. */
  width: number;
  className?: string | undefined;
}

/** One frame with a mask on it, as a still picture. */
export function Snapshot({ footage, shapes, frame, mask, look, width: across, className }: SnapshotProps) {
  const { frames, width, height } = footage;
  const canvas = useRef<HTMLCanvasElement>(null);
  useSignal(frames.arrivals);
  useSignal(shapes.arrivals);
  const picture = frames.get(frame);
  const shape = mask ? shapes.get(mask) : null;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !picture) return;
    const scale = across / width;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.drawImage(picture, 0, 0, width, height);
    if (shape) drawMask(context, shape, look, scale);
  });
  return (
    <canvas
      ref={canvas}
      width={across}
      height={Math.round((across * height) / width)}
      className={className}
      aria-hidden
    />
  );
}
