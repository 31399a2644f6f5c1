import { useCallback, useLayoutEffect, useState, type RefObject } from "react";

import { fit, pan, resize, zoom, type Point, type Size, type View } from "./view";

interface Placed {
  view: View;
  /** The whole frame is in view and stays so when the stage changes its size. */
  fitted: boolean;
  stage: Size;
}

/** Where people had zoomed to, by `memory` key: going to another object and back loses nothing. */
const remembered = new Map<string, Placed>();

export interface ViewControl {
  view: View;
  stage: Size;
  zoomBy: (factor: number, at?: Point) => void;
  panBy: (dx: number, dy: number) => void;
  fit: () => void;
}

/** The view of `frame` in the element `box`, kept while the element changes its size. */
export function useView(box: RefObject<HTMLElement | null>, frame: Size, memory: string): ViewControl {
  const { width, height } = frame;
  const [placed, setPlaced] = useState<Placed>(() => remembered.get(memory) ?? initial({ width, height }));

  const change = useCallback(
    (next: (before: Placed) => Placed) =>
      setPlaced((before) => {
        const after = next(before);
        remembered.set(memory, after);
        return after;
      }),
    [memory],
  );

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      const stage = { width: element.clientWidth, height: element.clientHeight };
      if (stage.width === 0 || stage.height === 0) return;
      change((before) => ({
        ...before,
        stage,
        view: before.fitted
          ? fit({ width, height }, stage)
          : resize(before.view, before.stage, stage, { width, height }),
      }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, change, width, height]);

  const zoomBy = useCallback(
    (factor: number, at?: Point) =>
      change((before) => {
        const { stage, view } = before;
        const centre: Point = [stage.width / 2, stage.height / 2];
        return { ...before, fitted: false, view: zoom(view, factor, at ?? centre, { width, height }, stage) };
      }),
    [change, width, height],
  );
  const panBy = useCallback(
    (dx: number, dy: number) =>
      change((before) => ({
        ...before,
        fitted: false,
        view: pan(before.view, dx, dy, { width, height }, before.stage),
      })),
    [change, width, height],
  );
  const fitAll = useCallback(
    () => change((before) => ({ ...before, fitted: true, view: fit({ width, height }, before.stage) })),
    [change, width, height],
  );
  return { view: placed.view, stage: placed.stage, zoomBy, panBy, fit: fitAll };
}

function initial(frame: Size): Placed {
  const stage = { width: 960, height: 540 };
  return { view: fit(frame, stage), fitted: true, stage };
}
