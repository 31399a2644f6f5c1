/** Notes on frames while they are written. */
import type { Pin } from "@/api/models";

export const MOST_PINS = 20;
export const MOST_STROKES = 10;

/** `pins` in the order of their frames, that of `frame` changed or made; no more than the server takes. */
export function changed(pins: readonly Pin[], frame: number, change: (pin: Pin) => Pin): readonly Pin[] {
  const old = pins.find(({ frame_idx }) => frame_idx === frame);
  if (!old && pins.length >= MOST_PINS) return pins;
  const made = change(old ?? { frame_idx: frame, note: "", strokes: [] });
  return [...pins.filter((each) => each !== old), made].sort((a, b) => a.frame_idx - b.frame_idx);
}

/** Those that say something. */
export const telling = (pins: readonly Pin[]): Pin[] =>
  pins.filter(({ note, strokes }) => note.trim() !== "" || strokes.length > 0);

/** A box as a stroke round it. */
export const around = ([x0, y0, x1, y1]: readonly [number, number, number, number]): number[][] => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
  [x0, y0],
];
