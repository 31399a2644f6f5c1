import { useId, useState, type PointerEvent } from "react";

import { axis, place, type Series } from "./plot";
import styles from "./LinePlot.module.css";

const WIDTH = 480;
const HEIGHT = 200;
const LEFT = 44;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;
const INNER = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
/** Lines differ by their dashes and their marks too, never by colour alone. */
const DASHES = [undefined, "6 3", "2 3", "9 3 2 3"];

/** Few points are marked, so that one sees what was measured and what is drawn between. */
const MARKED = 16;

export interface LinePlotProps {
  title: string;
  /** What runs to the right, e.g. "step". */
  along: string;
  series: readonly Series[];
  digits?: number;
}

/** Lines over a common axis, with the same numbers as a table for those who cannot see them. */
export function LinePlot({ title, along, series, digits = 2 }: LinePlotProps) {
  const id = useId();
  const [at, setAt] = useState<number | null>(null);
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  if (xs.length === 0) return null;
  const x = axis([0, ...xs]);
  const y = axis(series.flatMap(({ points }) => points.map(([, value]) => value)));
  const across = (value: number) => LEFT + place(value, x, INNER.width);
  const down = (value: number) => TOP + INNER.height - place(value, y, INNER.height);
  const look = (event: PointerEvent<SVGSVGElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const value =
      x.from + ((((event.clientX - left) / width) * WIDTH - LEFT) / INNER.width) * (x.to - x.from);
    setAt(
      xs.reduce((nearest, other) => (Math.abs(other - value) < Math.abs(nearest - value) ? other : nearest)),
    );
  };
  const shown = at ?? xs[xs.length - 1];
  return (
    <figure className={styles.figure} aria-labelledby={id}>
      <figcaption className={styles.caption}>
        <span id={id} className={styles.title}>
          {title}
        </span>
        <span className={styles.quiet}>
          {along} {shown.toLocaleString("en")}
        </span>
        <span className={styles.legend}>
          {series.map(({ name, points }, i) => (
            <span key={name} className={styles.entry} data-line={i % DASHES.length}>
              <svg width="20" height="8" aria-hidden>
                <line x1="0" x2="20" y1="4" y2="4" strokeDasharray={DASHES[i % DASHES.length]} />
              </svg>
              {series.length > 1 && name}
              <strong>{nearest(points, shown)?.toFixed(digits) ?? "–"}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <svg
        className={styles.plot}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        aria-hidden
        onPointerMove={look}
        onPointerLeave={() => setAt(null)}
      >
        {y.ticks.map((tick) => (
          <g key={tick}>
            <line className={styles.grid} x1={LEFT} x2={WIDTH - RIGHT} y1={down(tick)} y2={down(tick)} />
            <text className={styles.tick} x={LEFT - 8} y={down(tick) + 4} textAnchor="end">
              {tick}
            </text>
          </g>
        ))}
        {x.ticks.map((tick) => (
          <text key={tick} className={styles.tick} x={across(tick)} y={HEIGHT - 6} textAnchor="middle">
            {tick.toLocaleString("en")}
          </text>
        ))}
        {at !== null && (
          <line className={styles.cursor} x1={across(at)} x2={across(at)} y1={TOP} y2={TOP + INNER.height} />
        )}
        {series.map(({ name, points }, i) => (
          <g key={name} data-line={i % DASHES.length} className={styles.series}>
            <polyline
              points={points.map(([px, py]) => `${across(px)},${down(py)}`).join(" ")}
              strokeDasharray={DASHES[i % DASHES.length]}
            />
            {points.length <= MARKED &&
              points.map(([px, py]) => <circle key={px} cx={across(px)} cy={down(py)} r="3" />)}
          </g>
        ))}
      </svg>
      <Numbers title={title} along={along} xs={xs} series={series} digits={digits + 1} />
    </figure>
  );
}

interface NumbersProps extends Required<LinePlotProps> {
  xs: readonly number[];
}

/** The same as a table. */
function Numbers({ title, along, xs, series, digits }: NumbersProps) {
  return (
    <details className={styles.numbers}>
      <summary>Numbers</summary>
      <div className={styles.scroll}>
        <table>
          <caption className="visually-hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{along}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {xs.map((value) => (
              <tr key={value}>
                <th scope="row">{value.toLocaleString("en")}</th>
                {series.map(({ name, points }) => (
                  <td key={name}>{points.find(([px]) => px === value)?.[1].toFixed(digits) ?? ""}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The value at `x`, or the last one before it. */
const nearest = (points: Series["points"], x: number): number | undefined =>
  points.findLast(([px]) => px <= x)?.[1];
