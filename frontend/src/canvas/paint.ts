import { drawMask, type MaskLook } from "@/masks/draw";
import type { Shape } from "@/masks/shapes";

import type { Size, View } from "./view";

/** A mask on the frame on show, ready to be drawn. */
export interface Layer {
  shape: Shape;
  look: MaskLook;
  /** Number of the object, written beside it; none for the one in hand. */
  number?: number | undefined;
}

export interface Scene {
  /** The picture, or null while the video plays beneath. */
  picture: CanvasImageSource | null;
  layers: readonly Layer[];
}

/** From here on pixels are shown as squares, so that one sees what is there. */
const SQUARES_FROM = 8;

/** Draw the scene on a canvas of `stage` screen pixels times `density`. */
export function paint(
  canvas: HTMLCanvasElement,
  scene: Scene,
  view: View,
  frame: Size,
  stage: Size,
  density: number,
): void {
  const width = Math.round(stage.width * density);
  const height = Math.round(stage.height * density);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return;
  const scale = view.scale * density;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(scale, 0, 0, scale, view.x * density, view.y * density);
  if (scene.picture) {
    context.imageSmoothingEnabled = view.scale < SQUARES_FROM;
    context.imageSmoothingQuality = "high";
    context.drawImage(scene.picture, 0, 0, frame.width, frame.height);
  }
  context.save();
  context.beginPath();
  context.rect(0, 0, frame.width, frame.height);
  context.clip();
  for (const { shape, look } of scene.layers) drawMask(context, shape, look, view.scale);
  context.restore();
  for (const layer of scene.layers) writeNumber(context, layer, view.scale);
}

function writeNumber(context: CanvasRenderingContext2D, { shape, look, number }: Layer, scale: number): void {
  if (number === undefined || !shape.anchor) return;
  const [left, top] = shape.anchor;
  const unit = 1 / scale;
  const text = String(number);
  context.save();
  context.font = `600 ${11 * unit}px system-ui, sans-serif`;
  const width = context.measureText(text).width + 8 * unit;
  context.fillStyle = "rgb(12 14 18 / 0.82)";
  context.beginPath();
  context.roundRect(left, Math.max(0, top - 17 * unit), width, 15 * unit, 3 * unit);
  context.fill();
  context.fillStyle = look.colour;
  context.textBaseline = "middle";
  context.fillText(text, left + 4 * unit, Math.max(0, top - 17 * unit) + 8 * unit);
  context.restore();
}
