import { useMutation } from "@tanstack/react-query";

import type { Run } from "@/api/models";
import { cancelRun } from "@/api/runs";

import { Button } from "./Button";
import { ErrorNote } from "./Notes";
import { Progress } from "./Progress";
import styles from "./RunProgress.module.css";

/** How far a live run is, with the way to stop it. `verb` says what it does: "Writing". */
export function RunProgress({
  run,
  verb,
  mayStop,
  onStopped,
}: {
  run: Run;
  verb: string;
  mayStop: boolean;
  onStopped: () => void;
}) {
  const stop = useMutation({ mutationFn: cancelRun, onSuccess: onStopped });
  const { done, total, unit } = run.progress;
  const queued = run.status === "queued";
  return (
    <div className={styles.run}>
      <Progress
        label={
          queued
            ? "Waiting for a worker"
            : `${verb} ${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}`
        }
        done={done}
        total={queued ? 1 : total}
        unit={unit}
      />
      {mayStop && (
        <Button small onClick={() => stop.mutate(run.id)} busy={stop.isPending && "Stopping"}>
          Stop
        </Button>
      )}
      {stop.error && <ErrorNote error={stop.error} />}
    </div>
  );
}
