import styles from "./FilterChips.module.css";

export interface FilterChipsProps<T extends string> {
  label: string;
  options: readonly { value: T; label: string }[];
  /** `undefined` shows everything. */
  value: T | undefined;
  onChange: (value: T | undefined) => void;
}

/** One choice among a few, "All" first. */
export function FilterChips<T extends string>({ label, options, value, onChange }: FilterChipsProps<T>) {
  return (
    <div className={styles.chips} role="group" aria-label={label}>
      {[{ value: undefined, label: "All" }, ...options].map((option) => (
        <button
          key={option.label}
          type="button"
          className={styles.chip}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
