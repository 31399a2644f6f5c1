import {
  useCallback,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type PointerEvent,
  type ReactNode,
  type Ref,
} from "react";

import type { Rle } from "@/api/models";
import { useSignal } from "@/lib/signal";
import type { MaskLook } from "@/masks/draw";
import type { Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";

import { IDLE, step, type Button, type PointerInput, type Tool } from "./gesture";
import { Marks, type Mark } from "./Marks";
import { paint, type Layer } from "./paint";
import styles from "./Stage.module.css";
import { useView } from "./useView";
import { onFrame, ontoFrame, toFrame, type Point } from "./view";

/** A mask to draw on the frame on show. */
export interface StageMask {
  rle: Rle;
  look: MaskLook;
  number?: number;
}

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
  handle?: Ref<StageHandle>;
  /** What is shown, for those who cannot see it. */
  label: string;
  /** Notes over the picture, at its upper edge. */
  children?: ReactNode;
}

const BUTTONS: Record<number, Button> = { 0: "left", 1: "middle", 2: "right" };

/** The picture on its dark ground: the video or the frame, masks and prompts on top, zoom and pan. */
export function Stage({ footage, shapes, masks, marks = [], tool = "point", onClick, onBox, handle, label, children }: StageProps) {
  const { width, height, frames, player, video } = footage;
  const size = { width, height };
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [gesture, setGesture] = useState(IDLE);
  const { view, stage, zoomBy, panBy, fit } = useView(box, size, String(video.id));
  const { frame, direction, moving } = useSyncExternalStore(player.subscribe, player.read);
  useSignal(frames.arrivals);
  useSignal(shapes.arrivals);
  useImperativeHandle(handle, () => ({ zoomBy: (factor) => zoomBy(factor), fit }), [zoomBy, fit]);

  useEffect(() => frames.aim(frame, direction), [frames, frame, direction]);

  const shown = useRef(frame);
  useLayoutEffect(() => {
    if (!canvas.current) return;
    const here = frames.get(frame);
    if (here) shown.current = frame;
    // A mask is only drawn on the frame that it belongs to.
    const layers = here || moving ? masks.flatMap((mask) => layerOf(mask, shapes)) : [];
    const picture = moving ? null : (here ?? frames.get(shown.current));
    paint(canvas.current, { picture, layers }, view, size, stage, window.devicePixelRatio || 1);
  });

  const handleInput = (input: PointerInput) => {
    const { gesture: next, intent } = step(gesture, input, tool);
    setGesture(next);
    if (intent?.kind === "pan") panBy(intent.dx, intent.dy);
    if (intent?.kind === "click") {
      const at = toFrame(view, intent.at);
      if (onFrame(at, size)) onClick?.(at, intent.positive);
    }
    if (intent?.kind === "box") {
      const [ax, ay] = ontoFrame(toFrame(view, intent.from), size);
      const [bx, by] = ontoFrame(toFrame(view, intent.to), size);
      const drawn: [number, number, number, number] = [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
      if (drawn[2] - drawn[0] >= 1 && drawn[3] - drawn[1] >= 1) onBox?.(drawn);
    }
  };
  const place = (event: { clientX: number; clientY: number }): Point => {
    const { left, top } = box.current!.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const down = (event: PointerEvent<HTMLDivElement>) => {
    const button = BUTTONS[event.button];
    if (button === undefined || (event.target as Element).closest("button, a") !== null) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const shift = event.shiftKey && onBox !== undefined;
    handleInput({ kind: "down", button, at: place(event), shift });
  };

  const wheel = useEffectEvent((event: WheelEvent) => {
    event.preventDefault();
    if (gesture.kind === "boxing") return;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const pace = event.ctrlKey ? 0.01 : 0.0015;
    zoomBy(Math.exp(-event.deltaY * lines * pace), place(event));
  });
  useEffect(() => {
    const element = box.current;
    const listener = (event: WheelEvent) => wheel(event);
    // Not passive, so that the page does not scroll or zoom instead.
    element?.addEventListener("wheel", listener, { passive: false });
    return () => element?.removeEventListener("wheel", listener);
  }, []);

  const screen = useCallback(
    (element: HTMLVideoElement) => {
      player.show(element);
      return () => player.show(null);
    },
    [player],
  );
  const transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  return (
    <div
      ref={box}
      className={styles.stage}
      role="application"
      aria-label={label}
      data-gesture={gesture.kind}
      data-points={onClick !== undefined || undefined}
      onPointerDown={down}
      onPointerMove={(event) => handleInput({ kind: "move", at: place(event) })}
      onPointerUp={(event) => handleInput({ kind: "up", at: place(event) })}
      onPointerCancel={() => handleInput({ kind: "cancel" })}
      onContextMenu={(event) => event.preventDefault()}
    >
      {video.proxy_url && (
        <video
          ref={screen}
          className={styles.video}
          style={{ width, height, transform, visibility: moving ? "visible" : "hidden" }}
          src={video.proxy_url}
          preload="auto"
          muted
          playsInline
          aria-hidden
          tabIndex={-1}
          onEnded={(event) => player.ended(event.currentTarget)}
          onError={(event) => player.broke(event.currentTarget)}
        />
      )}
      <canvas ref={canvas} className={styles.canvas} aria-hidden />
      <Marks
        marks={moving ? [] : marks}
        view={view}
        rubber={gesture.kind === "boxing" ? { from: gesture.from, to: gesture.at } : null}
      />
      <div className={styles.notes}>
        {children}
        {!moving && frames.get(frame) === null && <Fetching frame={frame} failure={frames.failure(frame)} onRetry={() => frames.aim(frame, direction)} />}
      </div>
    </div>
  );
}

function Fetching({ frame, failure, onRetry }: { frame: number; failure: string | null; onRetry: () => void }) {
  if (failure === null) {
    return (
      <p className={styles.fetching} role="status">
        Fetching frame {frame + 1}
      </p>
    );
  }
  return (
    <p className={styles.failed} role="alert">
      Frame {frame + 1} could not be fetched: {failure} Your work is safe.
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </p>
  );
}

function layerOf({ rle, look, number }: StageMask, shapes: Shapes): Layer[] {
  const shape = shapes.get(rle);
  return shape ? [{ shape, look, number }] : [];
}
