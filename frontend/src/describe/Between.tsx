import { useId } from "react";

import styles from "./describe.module.css";

/** As it is typed: people count frames from 1. */
export interface Range {
  first: string;
  last: string;
}

/** The frames as the server counts them, or why that is no stretch of `count` frames. */
export function framesBetween(
  { first, last }: Range,
  count: number,
): { first: number; last: number } | string {
  const [from, to] = [Number(first), Number(last)];
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 1 || to > count)
    return `Frames are counted from 1 to ${count}.`;
  if (from > to) return "The first frame comes before the last.";
  return { first: from - 1, last: to - 1 };
}

export interface BetweenProps {
  range: Range;
  count: number;
  onChange: (range: Range) => void;
}

/** Two fields for a first and a last frame. */
export function Between({ range, count, onChange }: BetweenProps) {
  const id = useId();
  const field = (name: keyof Range, label: string) => (
    <>
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        type="number"
        min={1}
        max={count}
        required
        className={styles.number}
        value={range[name]}
        onChange={(event) => onChange({ ...range, [name]: event.target.value })}
      />
    </>
  );
  return (
    <div className={styles.between}>
      {field("first", "Frames")}
      {field("last", "to")}
    </div>
  );
}
