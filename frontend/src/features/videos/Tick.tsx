import styles from "./VideosSection.module.css";

interface TickProps {
  label: string;
  on: boolean;
  /** Some of them, drawn as a dash. */
  some?: boolean;
  onChange: (on: boolean) => void;
}

export function Tick({ label, on, some = false, onChange }: TickProps) {
  const draw = (element: HTMLInputElement | null) => {
    if (element) element.indeterminate = some && !on;
  };
  return (
    <input
      ref={draw}
      type="checkbox"
      className={styles.tick}
      aria-label={label}
      checked={on}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}
