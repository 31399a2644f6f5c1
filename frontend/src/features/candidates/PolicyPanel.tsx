import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { changeCandidatePolicy, getCandidatePolicy } from "@/api/candidates";
import { fieldProblem } from "@/api/client";
import { keys } from "@/api/keys";
import type { CandidatePolicy, CandidatePolicyChange, Project } from "@/api/models";
import { plural } from "@/lib/format";
import { Button, ErrorNote, Progress, SelectField, TextField, Working } from "@/ui";

import { atThreshold, origin } from "./curve";
import { CurvePlot } from "./CurvePlot";
import styles from "./PolicyPanel.module.css";

/** Where candidates are cut off, and what becomes of the unsatisfactory ones. */
export function PolicyPanel({ project }: { project: Project }) {
  const client = useQueryClient();
  const key = keys.candidatePolicy(project.id);
  const { data: policy, error } = useQuery({ queryKey: key, queryFn: () => getCandidatePolicy(project.id) });
  const change = useMutation({
    mutationFn: (wish: CandidatePolicyChange) => changeCandidatePolicy(project.id, wish),
    onSuccess: async (changed) => {
      client.setQueryData(key, changed);
      await client.invalidateQueries({ queryKey: [...keys.candidates, "list"] });
    },
  });
  if (error) return <ErrorNote title="The filter could not be loaded" error={error} />;
  if (!policy) return <Working fill>Loading what the verdicts taught</Working>;
  const isOwner = project.roles.includes("owner");
  const shared = { policy, isOwner, change: change.mutate, busy: change.isPending && "Saving" } as const;
  return (
    <div className={styles.panel}>
      <Threshold key={policy.threshold} {...shared} />
      {change.data && change.data.moved > 0 && (
        <p role="status">{plural(change.data.moved, "candidate")} changed sides.</p>
      )}
      {change.error && <ErrorNote title="It was not changed" error={change.error} />}
      <Refining {...shared} problem={(field) => fieldProblem(change.error, field)} />
    </div>
  );
}

interface PartProps {
  policy: CandidatePolicy;
  isOwner: boolean;
  change: (wish: CandidatePolicyChange) => void;
  busy: string | false;
}

function Threshold({ policy, isOwner, change, busy }: PartProps) {
  const [threshold, setThreshold] = useState(policy.threshold);
  const moved = threshold !== policy.threshold;
  const known = policy.verdicts + policy.missing;
  return (
    <section className={styles.part}>
      <h2 className={styles.heading}>Threshold</h2>
      <p className={styles.quiet}>Below it a candidate never reaches a reviewer. {origin(policy)}</p>
      {policy.missing > 0 && (
        <Progress
          label={`${policy.verdicts} of ${plural(known, "verdict")} that a fit takes`}
          done={policy.verdicts}
          total={known}
          unit="verdicts"
        />
      )}
      <CurvePlot
        curve={policy.curve}
        threshold={threshold}
        wanted={policy.precision}
        {...(isOwner && { onMove: setThreshold })}
      />
      <p className={styles.said} role="status">
        {atThreshold(policy.curve, threshold)}
      </p>
      {isOwner && (
        <div className={styles.buttons}>
          <Button
            variant="primary"
            busy={moved && busy}
            disabledReason={moved ? undefined : "Move the threshold first."}
            onClick={() => change({ threshold })}
          >
            Use {threshold.toFixed(2)}
          </Button>
          {policy.own_threshold !== null && (
            <Button onClick={() => change({ threshold: null })}>
              Use the {policy.fitted === null ? "usual" : "fitted"} one
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function Refining({
  policy,
  isOwner,
  change,
  busy,
  problem,
}: PartProps & { problem: (field: string) => string | undefined }) {
  const form = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    change({
      precision: Number(fields.get("precision")) / 100,
      refine_share: Number(fields.get("refine_share")) / 100,
      prefer: fields.get("prefer") as CandidatePolicy["prefer"],
    });
  };
  return (
    <section className={styles.part}>
      <h2 className={styles.heading}>What follows from verdicts</h2>
      <form id={form} className="stack" onSubmit={submit}>
        <fieldset className={styles.fields} disabled={!isOwner}>
          <TextField
            label="Wanted precision, %"
            name="precision"
            type="number"
            min={0}
            max={100}
            required
            defaultValue={Math.round(100 * policy.precision)}
            hint="What the fitted threshold is to hold."
            problem={problem("precision")}
          />
          <TextField
            label="Refined by people, %"
            name="refine_share"
            type="number"
            min={0}
            max={100}
            required
            defaultValue={Math.round(100 * policy.refine_share)}
            hint="Of the unsatisfactory ones; the others fall."
            problem={problem("refine_share")}
          />
          <SelectField
            label="Preferably"
            name="prefer"
            defaultValue={policy.prefer}
            hint="Hard ones teach SAM 2 the most."
          >
            <option value="hard">the hard ones</option>
            <option value="any">any</option>
            <option value="easy">the easy ones</option>
          </SelectField>
        </fieldset>
        {isOwner && (
          <div className={styles.buttons}>
            <Button type="submit" busy={busy}>
              Save
            </Button>
          </div>
        )}
      </form>
    </section>
  );
}
