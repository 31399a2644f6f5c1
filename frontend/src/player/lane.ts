import type { Doubt, MaskFrame } from "@/api/models";
import { DOUBT_WORDS } from "@/masks/doubt";
import { isEmpty } from "@/masks/rle";

/** What an object is known to be in a stretch of frames; `toDo` where a person still has to say. */
export type Stretch = "visible" | "absent" | "doubt" | "toDo";

export interface Segment {
  kind: Stretch;
  /** First frame, and the one after the last. */
  from: number;
  to: number;
}

/** A masklet along the timeline. */
export interface Lane {
  segments: Segment[];
  /** Frames that are likely wrong, with the reason in words. */
  doubts: ReadonlyMap<number, string>;
  /** Where to look, in that order: one place for each stretch of doubts. */
  places: readonly Doubt[];
}

export type MaskFrames = ReadonlyMap<number, Pick<MaskFrame, "counts">>;

/**
 * The lane of `frames` (by index) in a video of `count` frames of `size` [h, w]. `suggestedFrames` are the
 * doubts of the stored masks; `sure` frames are none of them: prompted, or just made anew. With `every`, a
 * frame without a mask is one still to do.
 */
export function laneOf(
  frames: MaskFrames,
  count: number,
  size: [number, number],
  suggestedFrames: readonly Doubt[] = [],
  sure: ReadonlySet<number> = new Set(),
  every = false,
): Lane {
  const segments: Segment[] = [];
  const doubts = new Map<number, string>();
  for (const { first_frame, last_frame, reason } of suggestedFrames) {
    for (let j = first_frame; j <= last_frame; j++) if (!sure.has(j)) doubts.set(j, DOUBT_WORDS[reason]);
  }
  for (let j = 0; j < count; j++) {
    const frame = frames.get(j);
    if (frame === undefined && !every) continue;
    const kind =
      frame === undefined
        ? "toDo"
        : doubts.has(j)
          ? "doubt"
          : isEmpty({ size, counts: frame.counts })
            ? "absent"
            : "visible";
    const last = segments.at(-1);
    if (last?.kind === kind && last.to === j) last.to = j + 1;
    else segments.push({ kind, from: j, to: j + 1 });
  }
  return { segments, doubts, places: suggestedFrames.filter(({ frame_idx }) => !sure.has(frame_idx)) };
}

/** The nearest of `frames` after (or, with direction -1, before) `frame`; null where there is none. */
export function neighbour(frames: Iterable<number>, frame: number, direction: 1 | -1): number | null {
  let best: number | null = null;
  for (const j of frames) {
    if ((j - frame) * direction > 0 && (best === null || (j - best) * direction < 0)) best = j;
  }
  return best;
}
