import { useId } from "react";

import styles from "./BarPlot.module.css";

const WIDTH = 520;
const LEFT = 140;
const RIGHT = 88;
const ROW = 28;
const BAR = 14;
const INNER = WIDTH - LEFT - RIGHT;
/** About as many letters as there is room for. */
const LETTERS = 18;

export interface Bar {
  key: string;
  label: string;
  /** Beginning at zero, one after the other. */
  parts: readonly number[];
  /** At the right. */
  words: string;
  /** What the bar compares with, drawn as an upright line. */
  mark?: number | undefined;
}

export interface BarPlotProps {
  title: string;
  /** What the plot says, for those who cannot see it. */
  description: string;
  /** The names of the parts, in their order. */
  parts: readonly string[];
  /** The name of the upright lines. */
  mark?: string | undefined;
  bars: readonly Bar[];
  note?: string | undefined;
}

/** Lying bars over a common axis from zero. The numbers stand beside them, and in a table as well. */
export function BarPlot({ title, description, parts, mark, bars, note }: BarPlotProps) {
  const id = useId();
  const most = Math.max(...bars.flatMap((bar) => [sum(bar.parts), bar.mark ?? 0])) || 1;
  const across = (value: number) => LEFT + (value / most) * INNER;
  const height = bars.length * ROW + 4;
  const marked = bars.some((bar) => bar.mark !== undefined);
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span className={styles.title}>{title}</span>
        <span className={styles.legend}>
          {parts.length > 1 &&
            parts.map((name, i) => (
              <span key={name} className={styles.entry}>
                <svg width="14" height="10" aria-hidden>
                  <rect width="14" height="10" className={styles.bar} data-part={i} fill={fillOf(i, id)} />
                </svg>
                {name}
              </span>
            ))}
          {marked && (
            <span className={styles.entry}>
              <svg width="6" height="14" aria-hidden>
                <line x1="3" x2="3" y1="0" y2="14" className={styles.mark} />
              </svg>
              {mark}
            </span>
          )}
        </span>
      </figcaption>
      <svg
        className={styles.plot}
        viewBox={`0 0 ${WIDTH} ${height}`}
        role="img"
        aria-labelledby={`${id}-title ${id}-desc`}
      >
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-desc`}>{description}</desc>
        <defs>
          <pattern
            id={`${id}-hatch`}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="6" height="6" className={styles.hatchGround} />
            <rect width="2.5" height="6" className={styles.hatch} />
          </pattern>
        </defs>
        <line className={styles.axis} x1={LEFT} x2={LEFT} y1="0" y2={height} />
        {bars.map((bar, row) => (
          <Row key={bar.key} {...{ bar, parts, across }} id={id} middle={row * ROW + ROW / 2 + 2} />
        ))}
      </svg>
      {note && <p className={styles.note}>{note}</p>}
    </figure>
  );
}

interface RowProps {
  bar: Bar;
  parts: readonly string[];
  across: (value: number) => number;
  id: string;
  /** Where it lies, from the top. */
  middle: number;
}

/** One bar with its name, its words and its mark. */
function Row({ bar, parts, across, id, middle }: RowProps) {
  return (
    <g>
      <text className={styles.label} x={LEFT - 8} y={middle + 4} textAnchor="end">
        {short(bar.label)}
        <title>{bar.label}</title>
      </text>
      {bar.parts.map((_value, i) => {
        const from = across(sum(bar.parts.slice(0, i)));
        const to = across(sum(bar.parts.slice(0, i + 1)));
        return (
          <rect
            key={parts[i]}
            className={styles.bar}
            data-part={i}
            fill={fillOf(i, id)}
            x={from}
            width={to - from}
            y={middle - BAR / 2}
            height={BAR}
          />
        );
      })}
      {bar.mark !== undefined && (
        <line
          className={styles.mark}
          x1={across(bar.mark)}
          x2={across(bar.mark)}
          y1={middle - 11}
          y2={middle + 11}
        />
      )}
      <text className={styles.words} x={WIDTH} y={middle + 4} textAnchor="end">
        {bar.words}
      </text>
    </g>
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const short = (label: string) => (label.length > LETTERS ? `${label.slice(0, LETTERS - 1)}…` : label);

/** Parts differ by a pattern too, never by colour alone. */
const fillOf = (part: number, id: string) => (part === 0 ? undefined : `url(#${id}-hatch)`);
