import { useId, useState } from "react";

import styles from "./describe.module.css";

export interface WrittenProps {
  /** Read aloud; beside it where `visible`. */
  label: string;
  visible?: boolean;
  value: string;
  hint?: string;
  suggestions?: readonly string[];
  inputMode?: "decimal";
  /** Characters. */
  longest?: number;
  onSay: (value: string) => void;
}

/** Something that is written: Enter says it, leaving the field too; Esc takes back what was typed. */
export function Written({
  label,
  visible,
  value,
  hint,
  suggestions,
  inputMode,
  longest = 120,
  onSay,
}: WrittenProps) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const say = () => {
    if (typed !== null && typed.trim() !== value) onSay(typed.trim());
    setTyped(null);
  };
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={visible ? styles.name : "visually-hidden"}>
        {label}
      </label>
      <input
        id={id}
        className={styles.input}
        value={typed ?? value}
        maxLength={longest}
        placeholder={hint}
        autoComplete="off"
        {...(inputMode && { inputMode })}
        {...(suggestions && { list: `${id}-list` })}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={say}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") setTyped(null);
        }}
      />
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      )}
    </div>
  );
}
