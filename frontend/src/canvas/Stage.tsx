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
import { Painting } from "@/masks/painting";
import { shapeOf, type Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";

import { IDLE, step, type Button, type Intent, type PointerInput, type Tool } from "./gesture";
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
  /** The one that the brush paints on. */
  inHand?: boolean;
}

/** The brush and the eraser: they make the mask of the frame on show. */
export interface Brush {
  /** In frame pixels. */
  diameter: number;
  /** What is there to paint on; null for nothing. */
  mask: Rle | null;
  look: MaskLook;
  /** Whether one may paint here and now; asked when a stroke begins. */
  onBegin: (erases: boolean) => boolean;
  /** A stroke has changed the mask of `frame`, which is `rle` now. */
  onStroke: (rle: Rle, frame: number, erases: boolean) => void;
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
  /** Left out where masks are hidden, and where one only looks. */
  brush?: Brush | undefined;
  handle?: Ref<StageHandle>;
  /** What is shown, for those who cannot see it. */
  label: string;
  /** Notes over the picture, at its upper edge. */
  children?: ReactNode;
}

const BUTTONS: Record<number, Button> = { 0: "left", 1: "middle", 2: "right" };

/** The picture on its dark ground: the video or the frame, masks and prompts on top, zoom and pan. */
export function Stage({
  footage,
  shapes,
  masks,
  marks = [],
  tool = "point",
  onClick,
  onBox,
  brush,
  handle,
  label,
  children,
}: StageProps) {
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
  const pointer = useRef<Point>([0, 0]);
  const ring = useRef<HTMLDivElement>(null);
  /** The ring goes with the pointer without anything being drawn anew. */
  const placeRing = () => {
    const [x, y] = pointer.current;
    if (ring.current) ring.current.style.translate = `calc(${x}px - 50%) calc(${y}px - 50%)`;
  };
  /** The mask while it is painted on. */
  const stroke = useRef<Stroke | null>(null);
  useLayoutEffect(() => {
    if (!canvas.current) return;
    const here = frames.get(frame);
    if (here) shown.current = frame;
    // A mask is only drawn on the frame that it belongs to.
    const live = gesture.kind === "painting" && stroke.current?.frame === frame ? stroke.current : null;
    const still = live ? masks.filter(({ inHand }) => !inHand) : masks;
    const layers = here || moving ? still.flatMap((mask) => layerOf(mask, shapes)) : [];
    if (live && brush) layers.push({ shape: shapeOf(live.painting.contours()), look: brush.look });
    const picture = moving ? null : (here ?? frames.get(shown.current));
    placeRing();
    paint(canvas.current, { picture, layers }, view, size, stage, window.devicePixelRatio || 1);
  });

  const handleInputs = (inputs: readonly PointerInput[]) => {
    let now = gesture;
    for (const input of inputs) {
      const { gesture: next, intent } = step(now, input, tool);
      now = next;
      if (intent) now = perform(intent) ? now : IDLE;
    }
    setGesture(now);
  };
  /** False where the gesture leads nowhere. */
  const perform = (intent: Intent): boolean => {
    switch (intent.kind) {
      case "pan":
        panBy(intent.dx, intent.dy);
        return true;
      case "click": {
        const at = toFrame(view, intent.at);
        if (onFrame(at, size)) onClick?.(at, intent.positive);
        return true;
      }
      case "box": {
        const [ax, ay] = ontoFrame(toFrame(view, intent.from), size);
        const [bx, by] = ontoFrame(toFrame(view, intent.to), size);
        const drawn: [number, number, number, number] = [
          Math.min(ax, bx),
          Math.min(ay, by),
          Math.max(ax, bx),
          Math.max(ay, by),
        ];
        if (drawn[2] - drawn[0] >= 1 && drawn[3] - drawn[1] >= 1) onBox?.(drawn);
        return true;
      }
      case "paint":
        if (intent.begins) {
          stroke.current = null;
          if (!brush?.onBegin(intent.erases)) return false;
          stroke.current = {
            painting: new Painting([height, width], brush.mask),
            frame,
            erases: intent.erases,
          };
        }
        stroke.current?.painting.stroke(
          toFrame(view, intent.from),
          toFrame(view, intent.to),
          (brush?.diameter ?? 0) / 2,
          !intent.erases,
        );
        return true;
      case "painted": {
        const made = stroke.current;
        stroke.current = null;
        if (made?.painting.changed) {
          const rle = made.painting.rle();
          // Drawn already: it need not be traced again before it can be shown.
          shapes.put(rle, made.painting.contours());
          brush?.onStroke(rle, made.frame, made.erases);
        }
        return true;
      }
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
    handleInputs([{ kind: "down", button, at: place(event), shift }]);
  };

  const move = (event: PointerEvent<HTMLDivElement>) => {
    pointer.current = place(event);
    placeRing();
    // A stroke follows the hand more closely than the screen is drawn.
    const passed = gesture.kind === "painting" ? (event.nativeEvent.getCoalescedEvents?.() ?? []) : [];
    handleInputs((passed.length > 0 ? passed : [event]).map((one) => ({ kind: "move", at: place(one) })));
  };

  const wheel = useEffectEvent((event: WheelEvent) => {
    event.preventDefault();
    if (gesture.kind === "boxing" || gesture.kind === "painting") return;
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
      onPointerMove={move}
      onPointerUp={(event) => handleInputs([{ kind: "up", at: place(event) }])}
      onPointerCancel={() => handleInputs([{ kind: "cancel" }])}
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
      {brush && paints(tool) && (
        <div
          ref={ring}
          className={styles.ring}
          data-erases={(gesture.kind === "painting" ? gesture.erases : tool === "eraser") || undefined}
          style={{ width: brush.diameter * view.scale, height: brush.diameter * view.scale }}
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

interface Stroke {
  painting: Painting;
  frame: number;
  erases: boolean;
}

const paints = (tool: Tool) => tool === "brush" || tool === "eraser";

function Fetching({
  frame,
  failure,
  onRetry,
}: {
  frame: number;
  failure: string | null;
  onRetry: () => void;
}) {
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
