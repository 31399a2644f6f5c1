import type { Groups } from "@/api/models";
import { Button, Segments } from "@/ui";

import { GROUPS, groupOf, moved, whyNot, type Candidate, type PhaseKey } from "./groups";
import styles from "./GroupsField.module.css";

interface GroupsFieldProps {
  people: readonly Candidate[];
  groups: Groups;
  onChange: (groups: Groups) => void;
  /** Back to how the system divides; null while that is what is shown. */
  onDivide: (() => void) | null;
}

/** Who works in which phase; nobody in two, since who has seen an object knows it. */
export function GroupsField({ people, groups, onChange, onDivide }: GroupsFieldProps) {
  const problem = whyNot(people, groups);
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>Who works in which phase</legend>
      <div className={styles.header}>
        <span className={styles.quiet}>
          {onDivide
            ? "Chosen by hand. Nobody is in two groups: who has seen an object knows it."
            : "As the system divides. Move people as you like."}
        </span>
        {onDivide && (
          <Button small variant="quiet" onClick={onDivide}>
            Let the system divide
          </Button>
        )}
      </div>
      {people.length > 0 && (
        <ul className={styles.people}>
          {people.map(({ username, name, phases }) => (
            <li key={username} className={styles.person}>
              <span className={styles.name}>{name}</span>
              <Segments<PhaseKey | "">
                label={`Group of ${name}`}
                options={[
                  ...GROUPS.map((phase) => ({
                    value: phase,
                    label: `Phase ${phase}`,
                    disabledReason: phases.includes(Number(phase))
                      ? undefined
                      : `${name} is not trained for phase ${phase}`,
                  })),
                  { value: "" as const, label: "None" },
                ]}
                value={groupOf(groups, username) ?? ""}
                onChange={(phase) => onChange(moved(groups, username, phase === "" ? undefined : phase))}
              />
            </li>
          ))}
        </ul>
      )}
      <p className={styles.problem} role="status">
        {problem}
      </p>
    </fieldset>
  );
}
