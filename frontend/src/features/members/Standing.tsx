import { useMutation, useQueryClient } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Id, Member } from "@/api/models";
import { changeMember } from "@/api/projects";
import { ErrorNote } from "@/ui";

import styles from "./Training.module.css";

export interface StandingProps {
  project: Id;
  /** The membership as a reviewer. */
  membership: Member;
  name: string;
  mayChange: boolean;
}

/** Whether a reviewer is asked where others differ. */
export function Standing({ project, membership, name, mayChange }: StandingProps) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (senior: boolean) => changeMember(project, membership.id, { senior }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.members(project) }),
  });
  if (!mayChange) return membership.senior ? "senior" : null;
  return (
    <>
      <label className={styles.training}>
        <input
          type="checkbox"
          checked={change.isPending ? change.variables : membership.senior}
          onChange={(event) => change.mutate(event.target.checked)}
          aria-label={`${name} decides where reviewers differ`}
        />
        senior
      </label>
      {change.error && <ErrorNote error={change.error} />}
    </>
  );
}
