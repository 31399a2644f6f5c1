import { useId } from "react";

import type { Estimate } from "@/api/models";

import styles from "./IntervalPlot.module.css";

export interface IntervalRow {
  key: string;
  estimate: Estimate;
  /** Said beside the number. */
  note: string;
}

const WIDTH = 560;
const LEFT = 160;
const RIGHT = 170;
const ROW = 26;
const INNER = WIDTH - LEFT - RIGHT;

/** Figures with their 95 % intervals on an axis from `from` to 1. The numbers stand beside them. */
export function IntervalPlot({
  title,
  rows,
  from = 0,
}: {
  title: string;
  rows: readonly IntervalRow[];
  from?: number;
}) {
  const id = useId();
  const shown = rows.filter(({ estimate }) => estimate.value !== null);
  if (shown.length === 0) return <p className={styles.none}>{title}: too little to tell yet.</p>;
  const least = Math.min(
    from,
    ...shown.map(({ estimate: { low, value } }) => Math.floor((low ?? value ?? 0) * 5) / 5),
  );
  const across = (value: number) => LEFT + ((value - least) / (1 - least)) * INNER;
  const height = shown.length * ROW + 24;
  const ticks = [least, (least + 1) / 2, 1];
  return (
    <figure className={styles.figure}>
      <figcaption id={id}>{title}</figcaption>
      <svg className={styles.plot} viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-labelledby={id}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line className={styles.grid} x1={across(tick)} x2={across(tick)} y1="0" y2={height - 20} />
            <text className={styles.tick} x={across(tick)} y={height - 6} textAnchor="middle">
              {Math.round(tick * 100) / 100}
            </text>
          </g>
        ))}
        {shown.map(({ key, estimate: { value, low, high }, note }, n) => {
          const middle = n * ROW + ROW / 2;
          const at = across(value ?? 0);
          const between = low === null || high === null ? "" : ` (${low.toFixed(2)}–${high.toFixed(2)})`;
          return (
            <g key={key}>
              <text className={styles.label} x={LEFT - 10} y={middle + 4} textAnchor="end">
                {key}
              </text>
              {low !== null && high !== null && (
                <line
                  className={styles.interval}
                  x1={across(low)}
                  x2={across(high)}
                  y1={middle}
                  y2={middle}
                />
              )}
              <circle className={styles.dot} cx={at} cy={middle} r="4.5" />
              <text className={styles.words} x={WIDTH} y={middle + 4} textAnchor="end">
                {(value ?? 0).toFixed(2) + between} {note}
              </text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
