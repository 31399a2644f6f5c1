import styles from "./IntervalPlot.module.css";

interface IntervalPlotProps {
  /** What is compared, e.g. "J&F from one click". */
  label: string;
  estimate: number;
  low: number;
  high: number;
  /** Half of what the axis shows. */
  reach: number;
  digits?: number;
  /** Whether more is better: it decides what the side beyond nothing is called. */
  moreIsBetter?: boolean;
}

const WIDTH = 320;
const HEIGHT = 34;
const MIDDLE = 15;

/** A difference with its interval about nothing; the same in words for those who cannot see it. */
export function IntervalPlot({
  label,
  estimate,
  low,
  high,
  reach,
  digits = 3,
  moreIsBetter = true,
}: IntervalPlotProps) {
  const across = (value: number) => (WIDTH / 2) * (1 + Math.max(-1, Math.min(1, value / reach)) * 0.96);
  const said = (value: number) => `${value > 0 ? "+" : ""}${value.toFixed(digits)}`;
  const side =
    low > 0 ? (moreIsBetter ? "good" : "bad") : high < 0 ? (moreIsBetter ? "bad" : "good") : "open";
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span>{label}</span>
        <strong>{said(estimate)}</strong>
        <span className={styles.quiet}>
          between {said(low)} and {said(high)}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={styles.plot} data-side={side} aria-hidden>
        <line className={styles.axis} x1={0} x2={WIDTH} y1={MIDDLE} y2={MIDDLE} />
        <line className={styles.nothing} x1={WIDTH / 2} x2={WIDTH / 2} y1={2} y2={28} />
        <line className={styles.interval} x1={across(low)} x2={across(high)} y1={MIDDLE} y2={MIDDLE} />
        <circle className={styles.estimate} cx={across(estimate)} cy={MIDDLE} r={5} />
        <text className={styles.tick} x={WIDTH / 2} y={HEIGHT} textAnchor="middle">
          0
        </text>
      </svg>
    </figure>
  );
}
