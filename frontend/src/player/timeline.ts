/**
 * The two clocks of a video. The timeline runs at a constant `fps` and is what the proxy plays;
 * people annotate every `every`-th frame of it: annotated frame j is timeline frame every · j.
 */

export interface Timeline {
  fps: number;
  every: number;
  /** Frames on the timeline. */
  length: number;
  /** Annotated frames. */
  count: number;
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));

/** The annotated frame on show while timeline frame `t` plays. */
export function annotatedAt(timeline: Timeline, t: number): number {
  return clamp(Math.floor(t / timeline.every), timeline.count - 1);
}

/** The timeline frame of annotated frame `j`. */
export function timelineAt(timeline: Timeline, j: number): number {
  return clamp(j * timeline.every, timeline.length - 1);
}

/**
 * The timeline frame that a video element shows at `seconds`. Presentation times are multiples of
 * 1/fps, rounded by the container, so a hair below one still belongs to it.
 */
export function timelineAtTime(timeline: Timeline, seconds: number): number {
  return clamp(Math.floor(seconds * timeline.fps + 0.05), timeline.length - 1);
}

/** A time in the middle of timeline frame `t`: seeking there cannot land on a neighbour. */
export function seekTime(timeline: Timeline, t: number): number {
  return (t + 0.5) / timeline.fps;
}

/** Seconds from the start at which annotated frame `j` is shown. */
export function secondsAt(timeline: Timeline, j: number): number {
  return timelineAt(timeline, j) / timeline.fps;
}

/** "0:03.5" for 3.5 seconds. */
export function clock(seconds: number): string {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths - minutes * 600) / 10;
  return `${minutes}:${rest.toFixed(1).padStart(4, "0")}`;
}
