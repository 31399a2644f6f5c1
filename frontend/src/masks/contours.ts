/**
 * Outlines of a mask as rings of points, so that one decoding serves every zoom and every thumbnail.
 */

export interface Contours {
  /** x, y pairs in frame pixels, ring after ring. */
  points: Float32Array;
  /** Index of the point after the last one of each ring. */
  ends: Uint32Array;
  /** Pixels inside. */
  area: number;
  /** Smallest rectangle around the pixels: left, top, right, bottom; null where there are none. */
  bounds: [number, number, number, number] | null;
  /** The topmost corner of the longest ring: where a label belongs; null where there is none. */
  anchor: [number, number] | null;
}

/** One of four ways to go, and the pixels ahead of it as seen from the corner one stands on. */
interface Way {
  step: readonly [number, number];
  left: readonly [number, number];
  right: readonly [number, number];
}

const EAST: Way = { step: [1, 0], left: [0, -1], right: [0, 0] };
const SOUTH: Way = { step: [0, 1], left: [0, 0], right: [-1, 0] };
const WEST: Way = { step: [-1, 0], left: [-1, 0], right: [-1, -1] };
const NORTH: Way = { step: [0, -1], left: [-1, -1], right: [0, -1] };
const TO_THE_RIGHT = new Map([
  [EAST, SOUTH],
  [SOUTH, WEST],
  [WEST, NORTH],
  [NORTH, EAST],
]);
const TO_THE_LEFT = new Map([
  [EAST, NORTH],
  [NORTH, WEST],
  [WEST, SOUTH],
  [SOUTH, EAST],
]);

/**
 * Trace `pixels` (row-major, 0 = outside) along the cracks between pixels, the inside on the right
 * hand, and keep the middles of the cracks: a staircase becomes a diagonal, a straight edge stays.
 * Pixels that only touch at a corner are separate rings. Holes are rings too: fill with "evenodd".
 */
export function trace(pixels: Uint8Array, height: number, width: number): Contours {
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && pixels[y * width + x] !== 0;
  const seen = new Uint8Array(pixels.length);
  const points: number[] = [];
  const ends: number[] = [];
  let longest = 0;
  let anchor: [number, number] | null = null;
  let area = 0;
  let left = width;
  let top = height;
  let right = 0;
  let bottom = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = y * width + x;
      if (pixels[here] === 0) continue;
      area++;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      bottom = y + 1;
      if (seen[here] !== 0 || (y > 0 && pixels[here - width] !== 0)) continue;
      const length = walk(x, y, inside, seen, width, points);
      ends.push(points.length / 2);
      if (length > longest) {
        longest = length;
        anchor = [x, y];
      }
    }
  }
  return {
    points: Float32Array.from(points),
    ends: Uint32Array.from(ends),
    area,
    bounds: area > 0 ? [left, top, right, bottom] : null,
    anchor,
  };
}

/**
 * One ring, from the upper left corner of pixel (x, y) eastward; marks the upper edges it passes. Returns
 * its length.
 */
function walk(
  x0: number,
  y0: number,
  inside: (x: number, y: number) => boolean,
  seen: Uint8Array,
  width: number,
  points: number[],
): number {
  let x = x0;
  let y = y0;
  let way = EAST;
  let turned = true;
  let length = 0;
  do {
    length++;
    if (way === EAST) seen[y * width + x] = 1;
    const [stepX, stepY] = way.step;
    const middleX = x + stepX / 2;
    const middleY = y + stepY / 2;
    x += stepX;
    y += stepY;
    const before: Way = way;
    if (!inside(x + way.right[0], y + way.right[1])) way = TO_THE_RIGHT.get(way)!;
    else if (inside(x + way.left[0], y + way.left[1])) way = TO_THE_LEFT.get(way)!;
    const turns = way !== before;
    if (turned || turns) points.push(middleX, middleY);
    turned = turns;
  } while (x !== x0 || y !== y0 || way !== EAST);
  return length;
}
