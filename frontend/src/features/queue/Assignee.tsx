import { PHASES, type Id, type QueuePerson, type QueueRow } from "@/api/models";
import { Button } from "@/ui";

import type { Taking } from "./TakeBackDialog";
import { useAllot } from "./useAllot";
import styles from "./Assignee.module.css";

interface AssigneeProps {
  project: Id;
  row: QueueRow;
  people: readonly QueuePerson[];
  /** Taking it from somebody who holds it asks first. */
  onTake: (taking: Taking) => void;
}

/** Who has it in hand, or whom it is kept for; another choice gives it to somebody else. */
export function Assignee({ project, row, people, onTake }: AssigneeProps) {
  const give = useAllot(project, row);
  const { held_by: holder, assigned_to: keeper, phase, object_id, video_name } = row;
  const owner = holder ?? keeper;
  const choose = (username: string) => {
    const person = username || null;
    if (holder !== null && person !== holder) onTake({ row, holder, person });
    else give.mutate({ person });
  };
  // Somebody who left the project may still hold it.
  const listed =
    owner === null || people.some(({ username }) => username === owner)
      ? people
      : [...people, { username: owner, name: owner, phases: [...PHASES] }];
  return (
    <span className={styles.whose}>
      <select
        className={styles.select}
        data-whose={holder ? "held" : keeper ? "kept" : undefined}
        aria-label={`Whose is object ${object_id} in ${video_name}`}
        value={owner ?? ""}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="">{holder === null ? "anyone" : "nobody: take it back"}</option>
        {listed.map(({ username, name, phases }) => {
          const trained = phases.some((one) => one === phase);
          return (
            <option key={username} value={username} disabled={!trained}>
              {name}
              {!trained && ` (not trained for phase ${phase})`}
            </option>
          );
        })}
      </select>
      {holder !== null && (
        <Button
          small
          variant="quiet"
          aria-label={`Take object ${object_id} in ${video_name} back from ${holder}`}
          onClick={() => onTake({ row, holder, person: null })}
        >
          Take back
        </Button>
      )}
      {give.error && (
        <span role="alert" className={styles.failed}>
          {give.error.message}
        </span>
      )}
    </span>
  );
}
