import { useMutation, useQueryClient } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import { PHASES, type Id, type Member, type Phase } from "@/api/models";
import { trainMember } from "@/api/projects";
import { Tooltip } from "@/ui";

import styles from "./Training.module.css";

interface TrainingProps {
  project: Id;
  membership: Member;
  name: string;
  mayChange: boolean;
}

/** The phases that an annotator is trained for: only masklets of these are handed to them. */
export function Training({ project, membership, name, mayChange }: TrainingProps) {
  const client = useQueryClient();
  const queryKey = keys.members(project);
  const train = useMutation({
    mutationFn: (phases: Phase[]) => trainMember(project, membership.id, phases),
    onMutate: async (phases) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData<Member[]>(queryKey);
      client.setQueryData<Member[]>(queryKey, (members) =>
        members?.map((one) => (one.id === membership.id ? { ...one, phases } : one)),
      );
      return before;
    },
    onError: (_error, _phases, before) => client.setQueryData(queryKey, before),
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  const { phases } = membership;
  if (!mayChange) return <span>{phases.join(", ")}</span>;
  return (
    <span className={styles.training} role="group" aria-label={`Phases that ${name} is trained for`}>
      {PHASES.map((phase) => {
        const on = phases.includes(phase);
        const last = on && phases.length === 1;
        const toggle = () =>
          train.mutate(on ? phases.filter((other) => other !== phase) : [...phases, phase].sort());
        return (
          <Tooltip
            key={phase}
            text={
              last
                ? "An annotator is trained for one phase at least."
                : on
                  ? `Trained for phase ${phase}`
                  : `Not trained for phase ${phase}`
            }
          >
            <button
              type="button"
              className={styles.toggle}
              aria-pressed={on}
              aria-label={`Phase ${phase}`}
              aria-disabled={last || undefined}
              onClick={last ? undefined : toggle}
            >
              {phase}
            </button>
          </Tooltip>
        );
      })}
      {train.error && (
        <span role="alert" className={styles.failed}>
          {train.error.message}
        </span>
      )}
    </span>
  );
}
