import type { MaskFrame } from "@/api/models";
import { doubtOf } from "@/masks/doubt";
import { isEmpty } from "@/masks/rle";

/** What an object is known to be in a stretch of frames. */
export type Stretch = "visible" | "absent" | "doubt";

export interface Segment {
  kind: Stretch;
  /** First frame, and the one after the last. */
  from: number;
  to: number;
}

/** A masklet along the timeline. */
export interface Lane {
  segments: Segment[];
  /** Frames on which one should look, with the reason. */
  doubts: ReadonlyMap<number, string>;
}

export type MaskFrames = ReadonlyMap<number, MaskFrame>;

/** The lane of `frames` (by index) in a video of `count` frames of `size` [h, w]; `sure` are never doubted. */
export function laneOf(frames: MaskFrames, count: number, size: [number, number], sure: ReadonlySet<number>): Lane {
  const segments: Segment[] = [];
  const doubts = new Map<number, string>();
  for (let j = 0; j < count; j++) {
    const frame = frames.get(j);
    if (frame === undefined) continue;
    const empty = isEmpty({ size, counts: frame.counts });
    const doubt = sure.has(j) ? null : doubtOf(frame);
    if (doubt !== null) doubts.set(j, empty ? "there is no mask, the object may be hidden" : doubt);
    const kind = doubt !== null ? "doubt" : empty ? "absent" : "visible";
    const last = segments.at(-1);
    if (last?.kind === kind && last.to === j) last.to = j + 1;
    else segments.push({ kind, from: j, to: j + 1 });
  }
  return { segments, doubts };
}

/** The nearest of `frames` after (or, with direction -1, before) `frame`; null where there is none. */
export function neighbour(frames: Iterable<number>, frame: number, direction: 1 | -1): number | null {
  let best: number | null = null;
  for (const j of frames) {
    if ((j - frame) * direction > 0 && (best === null || (j - best) * direction < 0)) best = j;
  }
  return best;
}
