import { PHASES, type QueuePerson } from "@/api/models";
import { formatSpan } from "@/lib/format";

import styles from "./PeopleStrip.module.css";

interface PeopleStripProps {
  people: readonly QueuePerson[];
  /** A user name. */
  chosen: string | undefined;
  onChoose: (username: string | undefined) => void;
}

/** The annotators and their day. Choosing one narrows the queue to what is theirs. */
export function PeopleStrip({ people, chosen, onChoose }: PeopleStripProps) {
  if (people.length === 0)
    return <p className={styles.quiet}>This project has no annotators. Add one on the members page.</p>;
  return (
    <ul className={styles.strip} aria-label="Annotators">
      {people.map((person) => {
        const {
          username,
          name,
          holding,
          phases,
          submitted_today: submitted,
          active_seconds_today: active,
        } = person;
        const pressed = chosen === username;
        return (
          <li key={username}>
            <button
              type="button"
              className={styles.person}
              aria-pressed={pressed}
              onClick={() => onChoose(pressed ? undefined : username)}
            >
              <span className={styles.name}>
                <span className={styles.dot} data-working={holding > 0} aria-hidden />
                <span className={styles.who}>{name}</span>
                <span className={holding > 0 ? styles.holding : "visually-hidden"}>
                  {holding > 0 ? `holds ${holding}` : "holds nothing"}
                </span>
              </span>
              <span className={styles.day}>
                today {submitted} submitted, {formatSpan(active)} active
              </span>
              {phases.length < PHASES.length && (
                <span className={styles.day}>trained for phase {phases.join(" and ")} only</span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
