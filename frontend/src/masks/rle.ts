/**
 * COCO run-length encoding, as pycocotools writes it.
 *
 * A mask of `size: [h, w]` is read column by column (down, then right) as runs of equal pixels; the
 * first run counts zeros and may be 0. `counts` packs the runs as characters of 6 bits: from the
 * fourth run on, each is stored as its difference to the run two before it.
 */
import type { Rle } from "@/api/models";

export class RleError extends Error {
  override name = "RleError";
}

/** The runs of a compressed string. Throws `RleError` where the string is not one. */
export function unpackCounts(counts: string): number[] {
  const runs: number[] = [];
  let at = 0;
  while (at < counts.length) {
    let value = 0;
    let bits = 0;
    let more = true;
    while (more) {
      if (at >= counts.length) throw new RleError("The counts end in the middle of a number.");
      const code = counts.charCodeAt(at++) - 48;
      if (code < 0 || code > 63) throw new RleError("The counts hold a character that is no RLE.");
      if (bits > 30) throw new RleError("The counts hold a number that is too large.");
      value |= (code & 0x1f) << bits;
      bits += 5;
      more = (code & 0x20) !== 0;
      if (!more && (code & 0x10) !== 0 && bits < 32) value |= -1 << bits;
    }
    if (runs.length > 2) value += runs[runs.length - 2];
    if (value < 0) throw new RleError("The counts hold a run of negative length.");
    runs.push(value);
  }
  return runs;
}

/** The compressed string of `runs`; the inverse of `unpackCounts`. */
export function packCounts(runs: readonly number[]): string {
  let text = "";
  for (let i = 0; i < runs.length; i++) {
    let value = i > 2 ? runs[i] - runs[i - 2] : runs[i];
    let more = true;
    while (more) {
      let code = value & 0x1f;
      value >>= 5;
      more = (code & 0x10) !== 0 ? value !== -1 : value !== 0;
      if (more) code |= 0x20;
      text += String.fromCharCode(code + 48);
    }
  }
  return text;
}

/** The runs of `rle`, checked: they must add up to height × width. */
export function runsOf(rle: Rle): number[] {
  const [height, width] = rle.size;
  const runs = unpackCounts(rle.counts);
  let total = 0;
  for (const run of runs) total += run;
  if (total !== height * width) {
    throw new RleError(`The counts cover ${total} pixels, the frame has ${height * width}.`);
  }
  return runs;
}

/** Row-major pixels (1 inside, 0 outside) of `rle`, height × width of them. */
export function decode(rle: Rle): Uint8Array {
  const [height, width] = rle.size;
  const pixels = new Uint8Array(height * width);
  let inside = false;
  let at = 0;
  for (const run of runsOf(rle)) {
    if (inside) {
      let x = Math.floor(at / height);
      let y = at - x * height;
      for (let i = 0; i < run; i++) {
        pixels[y * width + x] = 1;
        if (++y === height) {
          y = 0;
          x++;
        }
      }
    }
    at += run;
    inside = !inside;
  }
  return pixels;
}

/** The RLE of row-major `pixels` (anything but 0 is inside). */
export function encode(pixels: ArrayLike<number>, size: [number, number]): Rle {
  const [height, width] = size;
  if (pixels.length !== height * width) {
    throw new RleError(`${pixels.length} pixels do not fill ${height} × ${width}.`);
  }
  const runs: number[] = [];
  let inside = false;
  let run = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const here = pixels[y * width + x] !== 0;
      if (here !== inside) {
        runs.push(run);
        run = 0;
        inside = here;
      }
      run++;
    }
  }
  runs.push(run);
  return { size, counts: packCounts(runs) };
}

/** Whether no pixel is inside, without unpacking the mask. */
export function isEmpty(rle: Rle): boolean {
  const [height, width] = rle.size;
  return rle.counts === "" || rle.counts === packCounts([height * width]);
}
