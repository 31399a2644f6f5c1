import { TextArea } from "@/ui";

import { REASONS, type Reason } from "@/lib/reasons";
import styles from "./Reasons.module.css";

export interface ReasonsProps {
  chosen: ReadonlySet<Reason>;
  onToggle: (code: Reason) => void;
  comment: string;
  onComment: (comment: string) => void;
  /** Said when an unsatisfactory verdict lacks both. */
  problem: string | undefined;
}

/** What is to be refined, in ticks and in words; the annotator reads both. */
export function Reasons({ chosen, onToggle, comment, onComment, problem }: ReasonsProps) {
  return (
    <section className={styles.reasons} aria-label="What to refine">
      <fieldset className={styles.list}>
        <legend>What to refine</legend>
        {REASONS.map(({ code, text }, index) => (
          <label key={code} className={styles.reason}>
            <input type="checkbox" checked={chosen.has(code)} onChange={() => onToggle(code)} />
            <span>{text}</span>
            <kbd>{index + 1}</kbd>
          </label>
        ))}
      </fieldset>
      <TextArea
        label="Comment"
        rows={4}
        value={comment}
        problem={problem}
        placeholder="For the annotator: which frames, what is wrong"
        onChange={(event) => onComment(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </section>
  );
}
