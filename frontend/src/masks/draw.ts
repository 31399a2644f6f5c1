import type { Shape } from "./shapes";

export interface MaskLook {
  colour: string;
  /** Opacity of the inside, 0 to 1; 0 leaves the outline alone. */
  fill: number;
  /** Opacity of everything, 0 to 1. */
  opacity: number;
  /** Drawn dashed where the model doubts. */
  doubtful: boolean;
  /** Drawn in dots: not a mask but the object that is meant. */
  dotted?: boolean;
  /** All but the object is darkened. */
  cutOut?: boolean;
  /** Width of the coloured outline in screen pixels; a dark halo adds one on either side. */
  outline: number;
}

export const SELECTED: Omit<MaskLook, "colour" | "doubtful"> = {
  fill: 0.35,
  opacity: 1,
  outline: 2,
};

export const FAINT: Omit<MaskLook, "colour" | "doubtful"> = {
  fill: 0,
  opacity: 0.65,
  outline: 1.5,
};

const AROUND = 100_000;
const DARK = "rgb(12 14 18 / 0.88)";
const HALO = "rgb(12 14 18 / 0.7)";

/**
 * Draw a mask on a canvas whose transform maps frame pixels to its own; `scale` is how many screen
 * pixels a frame pixel takes, so that outlines keep their width at every zoom.
 */
export function drawMask(
  context: CanvasRenderingContext2D,
  shape: Shape,
  look: MaskLook,
  scale: number,
): void {
  context.save();
  context.globalAlpha = look.opacity;
  context.lineJoin = "round";
  if (look.cutOut) {
    // Larger than any frame; what paints clips it.
    const around = new Path2D();
    around.rect(-AROUND, -AROUND, 2 * AROUND, 2 * AROUND);
    around.addPath(shape.path);
    context.fillStyle = DARK;
    context.fill(around, "evenodd");
  }
  if (look.fill > 0) {
    context.globalAlpha = look.opacity * look.fill;
    context.fillStyle = look.colour;
    context.fill(shape.path, "evenodd");
    context.globalAlpha = look.opacity;
  }
  context.strokeStyle = HALO;
  context.lineWidth = (look.outline + 2) / scale;
  context.stroke(shape.path);
  if (look.doubtful) context.setLineDash([7 / scale, 5 / scale]);
  if (look.dotted) {
    context.lineCap = "round";
    context.setLineDash([0, 5 / scale]);
  }
  context.strokeStyle = look.colour;
  context.lineWidth = look.outline / scale;
  context.stroke(shape.path);
  context.restore();
}
