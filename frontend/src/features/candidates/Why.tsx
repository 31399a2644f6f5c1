import type { Candidate } from "@/api/models";
import { colourOf } from "@/masks/colours";

import { FateChip } from "./Cards";
import styles from "./Why.module.css";
import { whyItFell } from "./whyItFell";
import { SOURCE_WORDS } from "./words";

/** The candidate that one looks at: what found it, and where it fell, why. */
export function Why({ candidate }: { candidate: Candidate }) {
  const { object_id: number, label, score, source, first_frame: first } = candidate;
  return (
    <p className={styles.why} role="status">
      <span className={styles.name}>
        <span className={styles.swatch} style={{ background: colourOf(number) }} aria-hidden />
        {label ? `${number} ${label}` : `Object ${number}`}
      </span>
      <FateChip candidate={candidate} />
      <span>{whyItFell(candidate)}</span>
      <span className={styles.quiet}>
        Score {score.toFixed(2)}, {SOURCE_WORDS[source]}, frame {first + 1}
      </span>
    </p>
  );
}
