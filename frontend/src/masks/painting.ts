import type { Rle } from "@/api/models";

import { trace, type Contours } from "./contours";
import { decode, encode } from "./rle";

/**
 * The mask of one frame while somebody paints on it. Positions are frame pixels; pixel (x, y) has its middle
 * at x + ½, y + ½.
 */
export class Painting {
  readonly size: [number, number];
  private readonly pixels: Uint8Array;
  /** A rectangle that holds every pixel inside: left, top, right, bottom. */
  private bounds: [number, number, number, number];
  private touched = false;
  private traced: Contours | null = null;

  /** Begins with `mask`, or with nothing. `size` is [h, w]. */
  constructor(size: [number, number], mask: Rle | null) {
    const [height, width] = size;
    this.size = size;
    this.pixels = mask ? decode(mask) : new Uint8Array(height * width);
    this.bounds = [width, height, 0, 0];
    if (!mask) return;
    for (let y = 0, here = 0; y < height; y++) {
      for (let x = 0; x < width; x++, here++) if (this.pixels[here] !== 0) this.include(x, y);
    }
  }

  /** Whether any pixel is another than at the beginning, or was for a while. */
  get changed(): boolean {
    return this.touched;
  }

  /** Paint, or erase, everything within `radius` of the way from `from` to `to`. */
  stroke(
    from: readonly [number, number],
    to: readonly [number, number],
    radius: number,
    inside: boolean,
  ): void {
    const [height, width] = this.size;
    const left = Math.max(0, Math.floor(Math.min(from[0], to[0]) - radius));
    const top = Math.max(0, Math.floor(Math.min(from[1], to[1]) - radius));
    const right = Math.min(width, Math.ceil(Math.max(from[0], to[0]) + radius));
    const bottom = Math.min(height, Math.ceil(Math.max(from[1], to[1]) + radius));
    const value = inside ? 1 : 0;
    const wayX = to[0] - from[0];
    const wayY = to[1] - from[1];
    const length = wayX * wayX + wayY * wayY;
    for (let y = top; y < bottom; y++) {
      const dy = y + 0.5 - from[1];
      for (let x = left; x < right; x++) {
        const dx = x + 0.5 - from[0];
        const along = length > 0 ? Math.max(0, Math.min(1, (dx * wayX + dy * wayY) / length)) : 0;
        const offX = dx - along * wayX;
        const offY = dy - along * wayY;
        if (offX * offX + offY * offY > radius * radius) continue;
        const here = y * width + x;
        if (this.pixels[here] === value) continue;
        this.pixels[here] = value;
        this.touched = true;
        this.traced = null;
        if (inside) this.include(x, y);
      }
    }
  }

  /**
   * The outlines as they are now. Only the part that can hold something is traced, so that it keeps pace
   * with a hand.
   */
  contours(): Contours {
    this.traced ??= this.retrace();
    return this.traced;
  }

  rle(): Rle {
    return encode(this.pixels, this.size);
  }

  private include(x: number, y: number): void {
    const { bounds } = this;
    if (x < bounds[0]) bounds[0] = x;
    if (y < bounds[1]) bounds[1] = y;
    if (x >= bounds[2]) bounds[2] = x + 1;
    if (y >= bounds[3]) bounds[3] = y + 1;
  }

  private retrace(): Contours {
    const [left, top, right, bottom] = this.bounds;
    const width = Math.max(0, right - left);
    const height = Math.max(0, bottom - top);
    const part = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      const start = (top + y) * this.size[1] + left;
      part.set(this.pixels.subarray(start, start + width), y * width);
    }
    return moved(trace(part, height, width), left, top);
  }
}

function moved({ points, ends, area, bounds, anchor }: Contours, dx: number, dy: number): Contours {
  return {
    points: points.map((value, i) => value + (i % 2 === 0 ? dx : dy)),
    ends,
    area,
    bounds: bounds && [bounds[0] + dx, bounds[1] + dy, bounds[2] + dx, bounds[3] + dy],
    anchor: anchor && [anchor[0] + dx, anchor[1] + dy],
  };
}
