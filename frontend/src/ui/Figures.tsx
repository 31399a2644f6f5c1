import type { ReactNode } from "react";

import styles from "./Figures.module.css";

export interface Figure {
  label: string;
  value: ReactNode;
  /** A quiet line below, e.g. what it compares with. */
  note?: ReactNode;
}

/** A row of a few numbers that say the most. */
export function Figures({ label, figures }: { label: string; figures: readonly Figure[] }) {
  const noted = figures.some(({ note }) => note !== undefined);
  return (
    <dl className={styles.strip} aria-label={label}>
      {figures.map((figure) => (
        <div key={figure.label} className={styles.figure}>
          <dt>{figure.label}</dt>
          <dd className={styles.value}>{figure.value}</dd>
          {noted && <dd className={styles.note}>{figure.note}</dd>}
        </div>
      ))}
    </dl>
  );
}
