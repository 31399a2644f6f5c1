import {
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useSyncExternalStore,
  type ReactNode,
  type Ref,
  type RefObject,
} from "react";

import type { Rle } from "@/api/models";
import { useSignal } from "@/lib/signal";
import type { MaskLook } from "@/masks/draw";
import { shapeOf, type Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";

import { Fetching } from "./Fetching";
import type { Tool } from "./gesture";
import { Marks, type Mark } from "./Marks";
import { paint, type Layer } from "./paint";
import { Screen } from "./Screen";
import styles from "./Stage.module.css";
import { useGestures } from "./useGestures";
import { useStroke, type Brush, type Stroke } from "./useStroke";
import { useView, type ViewControl } from "./useView";
import { useWheel } from "./useWheel";
import type { Point } from "./view";

/** A mask to draw on the frame on show. */
export interface StageMask {
  rle: Rle;
  look: MaskLook;
  number?: number;
  /** The one that the brush paints on. */
  inHand?: boolean;
}

export type { Brush } from "./useStroke";

export interface StageHandle {
  zoomBy: (factor: number) => void;
  fit: () => void;
}

export interface StageProps {
  footage: Footage;
  shapes: Shapes;
  masks: readonly StageMask[];
  marks?: readonly Mark[];
  tool?: Tool;
  /** Left out where one only looks. Positions in frame pixels. */
  onClick?: ((at: Point, positive: boolean) => void) | undefined;
  onBox?: ((box: [number, number, number, number]) => void) | undefined;
  /** Left out where masks are hidden, and where one only looks. */
  brush?: Brush | undefined;
  handle?: Ref<StageHandle>;
  /** What is shown, for those who cannot see it. */
  label: string;
  /** Notes over the picture, at its upper edge. */
  children?: ReactNode;
}

/** The picture on its dark ground: the video or the frame, masks and prompts on top, zoom and pan. */
export function Stage(props: StageProps) {
  const {
    footage,
    shapes,
    masks,
    marks = [],
    tool = "point",
    onClick,
    onBox,
    brush,
    label,
    children,
  } = props;
  const { width, height, frames, player, video } = footage;
  const size = { width, height };
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useView(box, size, String(video.id));
  const { zoomBy, fit } = view;
  const { frame, direction, moving } = useSyncExternalStore(player.subscribe, player.read);
  const { ring, placeRing, point } = useRing();
  const stroke = useStroke(size, frame, shapes, brush);
  const { gesture, handlers, place } = useGestures({
    ...{ box, size, tool, view, stroke, onClick, onBox },
    onPoint: point,
  });
  useWheel(box, (factor, event) => {
    if (gesture.kind !== "boxing" && gesture.kind !== "painting") zoomBy(factor, place(event));
  });
  useImperativeHandle(props.handle, () => ({ zoomBy: (factor) => zoomBy(factor), fit }), [zoomBy, fit]);
  useEffect(() => frames.aim(frame, direction), [frames, frame, direction]);
  usePicture(canvas, view, { footage, shapes, masks, brush, placeRing }, () =>
    gesture.kind === "painting" ? stroke.live.current : null,
  );
  const { x, y, scale } = view.view;
  const transform = `translate(${x}px, ${y}px) scale(${scale})`;
  return (
    <div
      ref={box}
      className={styles.stage}
      role="application"
      aria-label={label}
      data-gesture={gesture.kind}
      data-points={onClick !== undefined || undefined}
      {...handlers}
      onContextMenu={(event) => event.preventDefault()}
    >
      <Screen
        footage={footage}
        style={{ width, height, transform, visibility: moving ? "visible" : "hidden" }}
      />
      <canvas ref={canvas} className={styles.canvas} aria-hidden />
      <Marks
        marks={moving ? [] : marks}
        view={view.view}
        rubber={gesture.kind === "boxing" ? { from: gesture.from, to: gesture.at } : null}
      />
      {brush && (tool === "brush" || tool === "eraser") && (
        <div
          ref={ring}
          className={styles.ring}
          data-erases={(gesture.kind === "painting" ? gesture.erases : tool === "eraser") || undefined}
          style={{ width: brush.diameter * scale, height: brush.diameter * scale }}
          aria-hidden
        />
      )}
      <div className={styles.notes}>
        {children}
        {!moving && frames.get(frame) === null && (
          <Fetching
            frame={frame}
            failure={frames.failure(frame)}
            onRetry={() => frames.aim(frame, direction)}
          />
        )}
      </div>
    </div>
  );
}

/** The brush's ring goes with the pointer without anything being drawn anew. */
function useRing() {
  const ring = useRef<HTMLDivElement>(null);
  const pointer = useRef<Point>([0, 0]);
  const placeRing = () => {
    const [x, y] = pointer.current;
    if (ring.current) ring.current.style.translate = `calc(${x}px - 50%) calc(${y}px - 50%)`;
  };
  const point = (at: Point) => {
    pointer.current = at;
    placeRing();
  };
  return { ring, placeRing, point };
}

interface PictureOptions extends Pick<StageProps, "footage" | "shapes" | "masks" | "brush"> {
  placeRing: () => void;
}

/** Draws the frame on show with its masks, anew after each render; `live` is the stroke under way. */
function usePicture(
  canvas: RefObject<HTMLCanvasElement | null>,
  { view, stage }: ViewControl,
  { footage, shapes, masks, brush, placeRing }: PictureOptions,
  live: () => Stroke | null,
): void {
  const { width, height, frames, player } = footage;
  const { frame, moving } = useSyncExternalStore(player.subscribe, player.read);
  useSignal(frames.arrivals);
  useSignal(shapes.arrivals);
  const shown = useRef(frame);
  useLayoutEffect(() => {
    if (!canvas.current) return;
    const here = frames.get(frame);
    if (here) shown.current = frame;
    // A mask is only drawn on the frame that it belongs to.
    const stroke = live();
    const painting = stroke?.frame === frame ? stroke.painting : null;
    const still = painting ? masks.filter(({ inHand }) => !inHand) : masks;
    const layers = here || moving ? still.flatMap((mask) => layerOf(mask, shapes)) : [];
    if (painting && brush) layers.push({ shape: shapeOf(painting.contours()), look: brush.look });
    const picture = moving ? null : (here ?? frames.get(shown.current));
    placeRing();
    paint(canvas.current, { picture, layers }, view, { width, height }, stage, window.devicePixelRatio || 1);
  });
}

function layerOf({ rle, look, number }: StageMask, shapes: Shapes): Layer[] {
  const shape = shapes.get(rle);
  return shape ? [{ shape, look, number }] : [];
}
