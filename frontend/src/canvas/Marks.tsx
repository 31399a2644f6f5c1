import styles from "./Marks.module.css";
import { toScreen, type Point, type View } from "./view";

/** A prompt as it is shown on the picture; positions in frame pixels. */
export type Mark = {
  key: string | number;
  state: "saved" | "saving" | "retrying";
} & (
  | { kind: "click"; at: Point; positive: boolean }
  | { kind: "box"; box: readonly [number, number, number, number] }
  | { kind: "stroke"; points: readonly Point[] }
);

export interface MarksProps {
  marks: readonly Mark[];
  view: View;
  /** The box that is being drawn, in screen pixels. */
  rubber: { from: Point; to: Point } | null;
}

/** Clicks and boxes over the picture. They keep their size at every zoom. */
export function Marks({ marks, view, rubber }: MarksProps) {
  return (
    <svg className={styles.marks} role="group" aria-label="Prompts on this frame">
      {marks.map((mark) => (mark.kind === "box" ? <Box key={mark.key} mark={mark} view={view} /> : null))}
      {marks.map((mark) => (mark.kind === "click" ? <Click key={mark.key} mark={mark} view={view} /> : null))}
      {marks.map((mark) =>
        mark.kind === "stroke" ? <Stroke key={mark.key} mark={mark} view={view} /> : null,
      )}
      {rubber && <Rectangle className={styles.rubber} from={rubber.from} to={rubber.to} />}
    </svg>
  );
}

const WORDS = { saved: "", saving: ", saving", retrying: ", not saved yet" };

/** Adding is a light disc with a plus, removing a dark diamond with a minus. */
function Click({ mark, view }: { mark: Extract<Mark, { kind: "click" }>; view: View }) {
  const [x, y] = toScreen(view, mark.at);
  const name = `${mark.positive ? "Added" : "Removed"} at ${Math.round(mark.at[0])}, ${Math.round(mark.at[1])}`;
  return (
    <g
      role="img"
      aria-label={name + WORDS[mark.state]}
      data-mark={mark.positive ? "add" : "remove"}
      data-state={mark.state}
      className={styles.click}
      transform={`translate(${x} ${y})`}
    >
      {mark.state !== "saved" && <circle r="13" className={styles.waiting} />}
      {mark.positive ? (
        <circle r="8" className={styles.add} />
      ) : (
        <path d="M0-9.5 9.5 0 0 9.5-9.5 0Z" className={styles.remove} />
      )}
      <path
        d={mark.positive ? "M-4 0H4M0-4V4" : "M-4 0H4"}
        className={mark.positive ? styles.plus : styles.minus}
      />
    </g>
  );
}

/** Drawn by a reviewer, to show where. */
function Stroke({ mark, view }: { mark: Extract<Mark, { kind: "stroke" }>; view: View }) {
  const points = mark.points.map((point) => toScreen(view, point).join(" ")).join(" ");
  return (
    <g role="img" aria-label="Drawn by the reviewer" data-mark="stroke">
      <polyline points={points} className={styles.halo} />
      <polyline points={points} className={styles.stroke} />
    </g>
  );
}

function Box({ mark, view }: { mark: Extract<Mark, { kind: "box" }>; view: View }) {
  const [x0, y0, x1, y1] = mark.box;
  return (
    <g role="img" aria-label={`Box${WORDS[mark.state]}`} data-mark="box" data-state={mark.state}>
      <Rectangle className={styles.box} from={toScreen(view, [x0, y0])} to={toScreen(view, [x1, y1])} />
    </g>
  );
}

function Rectangle({ from, to, className }: { from: Point; to: Point; className: string | undefined }) {
  const place = {
    x: Math.min(from[0], to[0]),
    y: Math.min(from[1], to[1]),
    width: Math.abs(to[0] - from[0]),
    height: Math.abs(to[1] - from[1]),
  };
  return (
    <>
      <rect {...place} className={styles.halo} />
      <rect {...place} className={className} />
    </>
  );
}
