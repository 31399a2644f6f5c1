import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import { changeTrainingPolicy, listDecisions, retrainNow, trainingPolicy } from "@/api/loop";
import type { Project, TrainingPolicy, TriggerDecision } from "@/api/models";
import { formatAgo } from "@/lib/format";
import { Button, Chip, ErrorNote, Fetched } from "@/ui";

import { PolicyFields, changeFrom } from "./PolicyFields";
import styles from "./loop.module.css";

/** When the project retrains by itself, and what it decided lately. */
export function TriggersCard({ project, isOwner }: { project: Project; isOwner: boolean }) {
  const policy = useQuery({
    queryKey: [...keys.loop(project.id), "policy"],
    queryFn: () => trainingPolicy(project.id),
  });
  const decisions = useQuery({
    queryKey: [...keys.loop(project.id), "decisions"],
    queryFn: () => listDecisions(project.id),
    refetchInterval: 15_000,
  });
  return (
    <section className={styles.card} aria-label="Triggers">
      <div className={styles.head}>
        <h2>Triggers</h2>
        {isOwner && <RetrainNow project={project} />}
      </div>
      <Fetched
        what="the triggers"
        error={policy.error ?? decisions.error}
        there={policy.data !== undefined && decisions.data !== undefined}
        onRetry={() => void Promise.all([policy.refetch(), decisions.refetch()])}
      />
      {policy.data && (
        <p className={styles.quiet}>
          {policy.data.enabled ? "This project retrains by itself." : "Nothing is retrained by itself."}{" "}
          {policy.data.hours_used.toFixed(1)} of {policy.data.hours_allowed.toFixed(1)} hours of training were
          used in 30 days.
        </p>
      )}
      {policy.data && isOwner && <PolicyForm project={project} policy={policy.data} />}
      {decisions.data && <Decisions rows={decisions.data.results.slice(0, 8)} />}
    </section>
  );
}

function RetrainNow({ project }: { project: Project }) {
  const client = useQueryClient();
  const ask = useMutation({
    mutationFn: () => retrainNow(project.id, newIdempotencyKey()),
    onSettled: () => client.invalidateQueries({ queryKey: keys.loop(project.id) }),
  });
  return (
    <>
      <Button small onClick={() => ask.mutate()} busy={ask.isPending && "Asking"}>
        Freeze and retrain now
      </Button>
      {ask.error && <ErrorNote error={ask.error} />}
    </>
  );
}

const TONES = { started: "good", not_yet: "quiet", failed: "bad" } as const;
const WORDS = { started: "started", not_yet: "not yet", failed: "failed" } as const;

function Decisions({ rows }: { rows: readonly TriggerDecision[] }) {
  if (rows.length === 0) return <p className={styles.quiet}>Nothing was decided yet.</p>;
  return (
    <ul className={styles.list} aria-label="Decisions, the latest first">
      {rows.map(({ id, decision, reason, by, created_at }) => (
        <li key={id} className={styles.line}>
          <Chip tone={TONES[decision]}>{WORDS[decision]}</Chip>
          <span>{reason}</span>
          <span className={styles.quiet}>
            {by && `${by}, `}
            {formatAgo(created_at)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function PolicyForm({ project, policy }: { project: Project; policy: TrainingPolicy }) {
  const client = useQueryClient();
  const [saved, setSaved] = useState(false);
  const change = useMutation({
    mutationFn: (fields: FormData) => changeTrainingPolicy(project.id, changeFrom(fields)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.loop(project.id) });
      setSaved(true);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(new FormData(event.currentTarget));
  };
  return (
    <details>
      <summary>When it retrains, and what that may cost</summary>
      <form className="stack" onSubmit={submit} onChange={() => setSaved(false)}>
        <PolicyFields policy={policy} error={change.error} />
        {change.error && <ErrorNote error={change.error} />}
        <div className={styles.head}>
          <Button type="submit" variant="primary" busy={change.isPending && "Saving"}>
            Save
          </Button>
          <span role="status" className={styles.quiet}>
            {saved && "Saved."}
          </span>
        </div>
      </form>
    </details>
  );
}
