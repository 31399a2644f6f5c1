import styles from "./Progress.module.css";

export interface ProgressProps {
  /** What is going on, e.g. "Extracting frames". Read aloud, and shown unless `bare`. */
  label: string;
  done: number;
  /** 0 when it is not known yet. */
  total: number;
  unit?: string;
  tone?: "accent" | "good" | "bad" | "quiet";
  /** The bar alone, where the words stand nearby. */
  bare?: boolean;
}

export function Progress({ label, done, total, unit = "", tone = "accent", bare }: ProgressProps) {
  const known = total > 0;
  const share = known ? Math.min(1, done / total) : 0;
  return (
    <div className={styles.progress}>
      {!bare && (
        <div className={styles.words}>
          <span>{label}</span>
          <span className={styles.numbers}>{known ? `${Math.floor(share * 100)} %` : ""}</span>
        </div>
      )}
      <div
        className={styles.track}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={known ? total : undefined}
        aria-valuenow={known ? done : undefined}
        aria-valuetext={known ? `${done} of ${total} ${unit}`.trim() : undefined}
        data-tone={tone}
      >
        <div
          className={known ? styles.fill : styles.unknown}
          style={known ? { width: `${share * 100}%` } : undefined}
        />
      </div>
    </div>
  );
}
