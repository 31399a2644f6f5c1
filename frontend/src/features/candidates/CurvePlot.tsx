import type { PointerEvent } from "react";

import type { CurvePoint } from "@/api/models";

import { pointAt } from "./curve";
import styles from "./CurvePlot.module.css";

const WIDTH = 640;
const HEIGHT = 240;
const LEFT = 44;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 28;
const INNER = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
const TICKS = [0, 0.25, 0.5, 0.75, 1];

const across = (value: number) => LEFT + value * INNER.width;
const down = (value: number) => TOP + (1 - value) * INNER.height;

export interface CurvePlotProps {
  curve: readonly CurvePoint[];
  threshold: number;
  /** The precision that is wanted. */
  wanted: number;
  /** Left out where the person may not move it. */
  onMove?: (threshold: number) => void;
}

/**
 * What each threshold would do: how precise what passes was, and how many pass. The line is dragged, or moved
 * by keys.
 */
export function CurvePlot({ curve, threshold, wanted, onMove }: CurvePlotProps) {
  const drag = (event: PointerEvent<SVGSVGElement>) => {
    if (!onMove || (event.type === "pointermove" && event.buttons === 0)) return;
    // A drag goes on beyond the plot.
    if (event.type === "pointerdown") event.currentTarget.setPointerCapture(event.pointerId);
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const value = (((event.clientX - left) / width) * WIDTH - LEFT) / INNER.width;
    onMove(Math.round(100 * Math.max(0, Math.min(1, value))) / 100);
  };
  const all = curve[0]?.passes || 1;
  const precise = curve.flatMap(({ threshold: t, precision }) =>
    precision === null ? [] : [[t, precision] as const],
  );
  const least = curve.flatMap(({ threshold: t, at_least }) =>
    at_least === null ? [] : [[t, at_least] as const],
  );
  const passing = curve.map(({ threshold: t, passes }) => [t, passes / all] as const);
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.legend}>
        <Entry line="precision">satisfactory, of those with a verdict</Entry>
        <Entry line="least">at least (95 % sure)</Entry>
        <Entry line="passes">share that passes</Entry>
        <Entry line="wanted">wanted precision</Entry>
      </figcaption>
      <svg
        className={styles.plot}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        aria-hidden
        data-fixed={onMove ? undefined : ""}
        onPointerDown={drag}
        onPointerMove={drag}
      >
        {TICKS.map((tick) => (
          <g key={tick}>
            <line className={styles.grid} x1={LEFT} x2={WIDTH - RIGHT} y1={down(tick)} y2={down(tick)} />
            <text className={styles.tick} x={LEFT - 8} y={down(tick) + 4} textAnchor="end">
              {100 * tick} %
            </text>
            <text className={styles.tick} x={across(tick)} y={HEIGHT - 8} textAnchor="middle">
              {tick}
            </text>
          </g>
        ))}
        <Line
          line="wanted"
          points={[
            [0, wanted],
            [1, wanted],
          ]}
        />
        <Line line="passes" points={passing} />
        <Line line="least" points={least} />
        <Line line="precision" points={precise} />
        <line
          className={styles.cut}
          x1={across(threshold)}
          x2={across(threshold)}
          y1={TOP}
          y2={TOP + INNER.height}
        />
        <circle className={styles.knob} cx={across(threshold)} cy={TOP + INNER.height} r="7" />
      </svg>
      <label className={styles.slider}>
        <span>Threshold</span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={threshold}
          disabled={onMove === undefined}
          aria-valuetext={spoken(curve, threshold)}
          onChange={(event) => onMove?.(Number(event.target.value))}
        />
        <output>{threshold.toFixed(2)}</output>
      </label>
    </figure>
  );
}

const spoken = (curve: readonly CurvePoint[], threshold: number) =>
  `${threshold.toFixed(2)}, ${pointAt(curve, threshold)?.passes ?? 0} pass`;

function Line({ line, points }: { line: string; points: readonly (readonly [number, number])[] }) {
  return (
    <polyline
      className={styles.line}
      data-line={line}
      points={points.map(([x, y]) => `${across(x)},${down(y)}`).join(" ")}
    />
  );
}

function Entry({ line, children }: { line: string; children: string }) {
  return (
    <span className={styles.entry}>
      <svg width="22" height="8" aria-hidden>
        <line className={styles.line} data-line={line} x1="0" x2="22" y1="4" y2="4" />
      </svg>
      {children}
    </span>
  );
}
