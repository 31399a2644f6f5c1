import { useId } from "react";

import styles from "./Segments.module.css";
import { Tooltip } from "./Tooltip";

export interface SegmentsProps<T extends string> {
  /** What is chosen; read aloud. */
  label: string;
  options: readonly { value: T; label: string; disabledReason?: string | undefined }[];
  value: T;
  onChange: (value: T) => void;
}

/** One of a few, of which one always holds. The arrow keys move. */
export function Segments<T extends string>({ label, options, value, onChange }: SegmentsProps<T>) {
  const name = useId();
  return (
    <div className={styles.segments} role="radiogroup" aria-label={label}>
      {options.map((option) => {
        const segment = (
          <label
            key={option.value}
            className={styles.segment}
            data-label={option.label}
            data-off={option.disabledReason ? "" : undefined}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              disabled={option.disabledReason !== undefined}
              onChange={() => onChange(option.value)}
            />
            {option.label}
            {option.disabledReason && <span className="visually-hidden">, {option.disabledReason}</span>}
          </label>
        );
        return option.disabledReason ? (
          <Tooltip key={option.value} text={option.disabledReason}>
            {segment}
          </Tooltip>
        ) : (
          segment
        );
      })}
    </div>
  );
}
