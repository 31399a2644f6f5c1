import { useId } from "react";

import { Key } from "@/ui";

import styles from "./describe.module.css";
import { Written } from "./Written";

export interface Answer {
  value: string;
  label: string;
  colour?: string;
  /** The key that gives it, as short as it is printed, e.g. "⇧1". */
  shortcut?: string | undefined;
}

/** Buttons are quicker than a list as long as one sees them all. */
const MOST_BUTTONS = 9;

export interface OneOfProps {
  label: string;
  answers: readonly Answer[];
  /** "": nothing was said. */
  value: string;
  onSay: (value: string) => void;
}

/** One of some answers, or none: the first ones are buttons, and what has many is written with a list. */
export function OneOf({ label, answers, value, onSay }: OneOfProps) {
  const id = useId();
  const buttons = answers.slice(0, MOST_BUTTONS);
  const known = buttons.some((answer) => answer.value === value);
  return (
    <div className={styles.field} role="group" aria-labelledby={id}>
      <span id={id} className={styles.name}>
        {label}
      </span>
      <div className={styles.answers}>
        {buttons.map((answer) => (
          <button
            key={answer.value}
            type="button"
            className={styles.answer}
            aria-pressed={answer.value === value}
            // The next key belongs to the page and not to the button.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onSay(answer.value === value ? "" : answer.value)}
          >
            {answer.colour && (
              <span className={styles.swatch} style={{ background: answer.colour }} aria-hidden />
            )}
            <span className={styles.word}>{answer.label}</span>
            {answer.shortcut && <Key name={answer.shortcut} />}
          </button>
        ))}
      </div>
      {(answers.length > MOST_BUTTONS || (value !== "" && !known)) && (
        <Written
          label={`${label}, another`}
          value={known ? "" : value}
          hint="Another"
          suggestions={answers.map((answer) => answer.value)}
          onSay={onSay}
        />
      )}
    </div>
  );
}
