import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Square } from "lucide-react";

import { keys } from "@/api/keys";
import type { Release, Run } from "@/api/models";
import { cancelRun, isLive } from "@/api/runs";
import { formatRough } from "@/lib/format";
import { Button, ErrorNote, Progress, RunChip } from "@/ui";

import styles from "./RetrainingCard.module.css";
import { TrainingCurves } from "./TrainingCurves";

/** A retraining that is under way, or that ended without a checkpoint. */
export function RetrainingCard({
  run,
  release,
  mayStop,
}: {
  run: Run;
  release: Release | undefined;
  mayStop: boolean;
}) {
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => cancelRun(run.id),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.runs }),
  });
  const live = isLive(run.status);
  const stopping = stop.isSuccess || run.cancel_requested;
  return (
    <article className={styles.card} aria-label={`Retraining, run ${run.id}`}>
      <header className={styles.header}>
        <h2 className={styles.name}>Retraining on {release?.name ?? "a release"}</h2>
        <RunChip status={run.status} />
        <span className={styles.quiet}>run {run.id}</span>
        {live && mayStop && (
          <Button
            small
            icon={Square}
            className={styles.stop}
            onClick={() => stop.mutate()}
            busy={(stop.isPending || stopping) && "Stopping"}
          >
            Stop
          </Button>
        )}
      </header>
      {stop.error && <ErrorNote title="It could not be stopped" error={stop.error} />}
      {live && (
        <>
          <Progress
            label={whatIsDone(run)}
            done={run.progress.done}
            total={run.status === "queued" ? 1 : run.progress.total}
            unit={run.progress.unit}
          />
          {run.attempt > 1 && (
            <p className={styles.quiet}>
              A worker was lost; attempt {run.attempt} goes on from what was kept.
            </p>
          )}
        </>
      )}
      {run.status === "failed" && (
        <ErrorNote title="This retraining failed" error={run.error && new Error(run.error.message)} />
      )}
      {run.status === "cancelled" && (
        <p className={styles.quiet}>Stopped before its end. The project’s checkpoint is what it was.</p>
      )}
      {run.status !== "queued" && <TrainingCurves run={run.id} live={live} />}
    </article>
  );
}

export function whatIsDone({ status, progress, result }: Run): string {
  if (status === "queued") return "Waiting for the retraining worker";
  if (result.stage === "evaluating") return "Comparing the candidate with its base on footage kept aside";
  if (result.stage !== "training") return "Fetching frames and masks of the release";
  const step = `Step ${progress.done.toLocaleString("en")}`;
  const left = result.seconds_left;
  return typeof left === "number" ? `${step}, ${formatRough(left)} of training left` : step;
}
