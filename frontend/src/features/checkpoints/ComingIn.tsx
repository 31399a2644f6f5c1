import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleX, LoaderCircle, RotateCcw, Trash2, Upload } from "lucide-react";

import { listCheckpointImports, readCheckpointAgain, removeCheckpointImport } from "@/api/checkpointImports";
import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { CheckpointImport, Project } from "@/api/models";
import { isLive } from "@/api/runs";
import { abortUpload } from "@/api/uploads";
import { useLiveRun } from "@/api/useLiveRun";
import { usePages } from "@/api/usePages";
import { formatAgo, plural } from "@/lib/format";
import { Button, Chip, ErrorNote, IconButton, RunProgress } from "@/ui";

import styles from "./loop.module.css";

/** Checkpoints that are on their way, or came to nothing; those that came in stand in the table. */
export function ComingIn({ project, isOwner }: { project: Project; isOwner: boolean }) {
  const { rows, error } = usePages(
    keys.checkpointImports(project.id),
    () => listCheckpointImports(project.id),
    { poll: (all) => (all.some(({ status }) => status === "reading") ? 3000 : false) },
  );
  const open = rows?.filter(({ status }) => status !== "done") ?? [];
  if (error) return <ErrorNote title="What is brought in could not be loaded" error={error} />;
  if (open.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="Checkpoints that are brought in">
      {open.map((row) => (
        <Coming key={row.id} row={row} isOwner={isOwner} />
      ))}
    </ul>
  );
}

function Coming({ row, isOwner }: { row: CheckpointImport; isOwner: boolean }) {
  const client = useQueryClient();
  // The list of checkpoints is stale, too, once one has come in.
  const refresh = () => void client.invalidateQueries({ queryKey: keys.checkpoints });
  const run = useLiveRun(row.run, refresh);
  const live = run !== null && isLive(run.status);
  const failed = row.status === "reading" && run !== null && !live;
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <strong>{row.name}</strong>
        <State row={row} failed={failed} />
        <span className={styles.quiet}>
          from {row.location || row.file}, {formatAgo(row.created_at)}
        </span>
        {isOwner && !live && <Ways row={row} failed={failed} refresh={refresh} />}
      </div>
      {run && live && <RunProgress run={run} verb="Did" mayStop={isOwner} onStopped={refresh} />}
      {row.status === "refused" && (
        <>
          <p>Nothing of it was taken. {plural(row.problem_count, "problem")}:</p>
          <ul>
            {row.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </>
      )}
      {failed && <ErrorNote title="Reading it failed" error={run.error && new Error(run.error.message)} />}
    </li>
  );
}

function State({ row, failed }: { row: CheckpointImport; failed: boolean }) {
  if (row.status === "uploading")
    return (
      <Chip tone="accent" icon={Upload}>
        Uploading
      </Chip>
    );
  if (row.status === "refused" || failed)
    return (
      <Chip tone="bad" icon={CircleX}>
        {failed ? "Failed" : "Refused"}
      </Chip>
    );
  return (
    <Chip tone="accent" icon={LoaderCircle}>
      Being read
    </Chip>
  );
}

/** Again, or away with it. */
function Ways({ row, failed, refresh }: { row: CheckpointImport; failed: boolean; refresh: () => void }) {
  const again = useMutation({
    mutationFn: (key: string) => readCheckpointAgain(row.id, key),
    onSuccess: refresh,
  });
  const remove = useMutation({
    mutationFn: () => (row.upload ? abortUpload(row.upload.id) : removeCheckpointImport(row.id)),
    onSuccess: refresh,
  });
  return (
    <>
      {failed && (
        <Button
          small
          icon={RotateCcw}
          onClick={() => again.mutate(newIdempotencyKey())}
          busy={again.isPending && "Asking"}
        >
          Read again
        </Button>
      )}
      <IconButton icon={Trash2} label={`Remove ${row.name}`} onClick={() => remove.mutate()} />
      {(again.error ?? remove.error) && <ErrorNote error={again.error ?? remove.error} />}
    </>
  );
}
