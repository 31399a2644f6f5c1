/** Where the picture lies on the stage. All functions are pure; points are [x, y]. */

export type Point = readonly [number, number];

export interface Size {
  width: number;
  height: number;
}

export interface View {
  /** Screen pixels (CSS) per frame pixel. */
  scale: number;
  /** Stage position of the frame's top left corner, in screen pixels. */
  x: number;
  y: number;
}

/** Breathing space around a fitted picture, in screen pixels. */
const MARGIN = 16;
/** How much of the picture always stays on the stage, in screen pixels. */
const GRIP = 96;
const MOST_SCALE = 40;

/** The whole frame, centred. */
export function fit(frame: Size, stage: Size): View {
  const room = (side: number) => Math.max(1, side - 2 * MARGIN);
  const scale = Math.min(room(stage.width) / frame.width, room(stage.height) / frame.height);
  return {
    scale,
    x: (stage.width - frame.width * scale) / 2,
    y: (stage.height - frame.height * scale) / 2,
  };
}

export function toFrame(view: View, [x, y]: Point): Point {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

export function toScreen(view: View, [x, y]: Point): Point {
  return [x * view.scale + view.x, y * view.scale + view.y];
}

/** Scale by `factor` with the frame pixel under `at` (on the stage) staying where it is. */
export function zoom(view: View, factor: number, at: Point, frame: Size, stage: Size): View {
  const least = fit(frame, stage).scale / 4;
  const scale = Math.max(least, Math.min(MOST_SCALE, view.scale * factor));
  const grown = scale / view.scale;
  return keep(
    { scale, x: at[0] - (at[0] - view.x) * grown, y: at[1] - (at[1] - view.y) * grown },
    frame,
    stage,
  );
}

export function pan(view: View, dx: number, dy: number, frame: Size, stage: Size): View {
  return keep({ ...view, x: view.x + dx, y: view.y + dy }, frame, stage);
}

/** The stage changed its size: what was in the middle stays in the middle. */
export function resize(view: View, from: Size, to: Size, frame: Size): View {
  const dx = (to.width - from.width) / 2;
  const dy = (to.height - from.height) / 2;
  return pan(view, dx, dy, frame, to);
}

/** The picture cannot be lost: a grip of it stays on the stage. */
function keep(view: View, frame: Size, stage: Size): View {
  const bound = (at: number, length: number, room: number) => {
    const grip = Math.min(GRIP, length, room / 2);
    return Math.max(grip - length, Math.min(room - grip, at));
  };
  return {
    scale: view.scale,
    x: bound(view.x, frame.width * view.scale, stage.width),
    y: bound(view.y, frame.height * view.scale, stage.height),
  };
}

/** Whether the point lies on the frame. */
export function onFrame([x, y]: Point, frame: Size): boolean {
  return x >= 0 && y >= 0 && x < frame.width && y < frame.height;
}

/** The nearest point that lies on the frame. */
export function ontoFrame([x, y]: Point, frame: Size): Point {
  return [Math.max(0, Math.min(frame.width, x)), Math.max(0, Math.min(frame.height, y))];
}
