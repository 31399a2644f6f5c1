import { TextArea } from "@/ui";

import styles from "./Reasons.module.css";
import type { VerdictForm } from "./useVerdictForm";

/** What is to be refined, in ticks and in words; the annotator reads both. */
export function Reasons({ form }: { form: VerdictForm }) {
  const { reasons, chosen, comment, problem, toggle, write } = form;
  return (
    <section className={styles.reasons} aria-label="What to refine">
      <fieldset className={styles.list}>
        <legend>What to refine</legend>
        {reasons.map(({ code, text }, index) => (
          <label key={code} className={styles.reason}>
            <input type="checkbox" checked={chosen.has(code)} onChange={() => toggle(code)} />
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
        onChange={(event) => write(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </section>
  );
}
