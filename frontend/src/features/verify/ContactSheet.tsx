import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";

import type { MaskSet } from "@/api/models";
import { useSignal } from "@/lib/signal";
import { drawMask, SELECTED } from "@/masks/draw";
import type { Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";
import type { Lane } from "@/player/lane";
import { clock, secondsAt } from "@/player/timeline";

import styles from "./ContactSheet.module.css";
import { sheetFrames } from "./sheet";

export interface ContactSheetProps {
  footage: Footage;
  shapes: Shapes;
  masks: MaskSet;
  colour: string;
  lane: Lane;
}

const MOST = 14;

/** The whole masklet at one look. A frame goes to that frame. */
export function ContactSheet({ footage, shapes, masks, colour, lane }: ContactSheetProps) {
  const { frames, player, timeline } = footage;
  const { frame } = useSyncExternalStore(player.subscribe, player.read);
  const chosen = sheetFrames(
    timeline.count,
    MOST,
    lane.places.map(({ frame_idx }) => frame_idx),
  );
  const list = chosen.join(" ");
  useEffect(() => frames.pin(list.split(" ").map(Number)), [frames, list]);
  const nearest = chosen.reduce((best, j) => (j <= frame ? j : best), 0);
  return (
    <ol className={styles.sheet} aria-label="Contact sheet">
      {chosen.map((j) => (
        <li key={j}>
          <button
            type="button"
            className={styles.frame}
            aria-label={`Frame ${j + 1}, ${clock(secondsAt(timeline, j))}${lane.doubts.has(j) ? `, look here: ${lane.doubts.get(j)}` : ""}`}
            aria-current={j === nearest || undefined}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => player.goTo(j)}
          >
            <Thumb
              footage={footage}
              shapes={shapes}
              masks={masks}
              colour={colour}
              frame={j}
              doubtful={lane.doubts.has(j)}
            />
            <span className={styles.number}>
              {lane.doubts.has(j) && <span className={styles.doubt}>look</span>}
              {j + 1}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

const WIDTH = 240;

interface ThumbProps extends Pick<ContactSheetProps, "footage" | "shapes" | "masks" | "colour"> {
  frame: number;
  doubtful: boolean;
}

function Thumb({ footage, shapes, masks, colour, frame, doubtful }: ThumbProps) {
  const { frames, width, height } = footage;
  const canvas = useRef<HTMLCanvasElement>(null);
  useSignal(frames.arrivals);
  useSignal(shapes.arrivals);
  const picture = frames.get(frame);
  const mask = masks.frames[String(frame)];
  const shape = mask ? shapes.get({ size: masks.size, counts: mask.counts }) : null;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !picture) return;
    const scale = WIDTH / width;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.drawImage(picture, 0, 0, width, height);
    // Shown at about half its size: lines are drawn twice as wide.
    if (shape) drawMask(context, shape, { ...SELECTED, colour, doubtful, outline: 3 }, scale);
  }, [picture, shape, colour, doubtful, width, height]);
  return (
    <canvas
      ref={canvas}
      width={WIDTH}
      height={Math.round((WIDTH * height) / width)}
      className={styles.thumb}
      aria-hidden
    />
  );
}
