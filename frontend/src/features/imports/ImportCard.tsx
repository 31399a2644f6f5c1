import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, CircleX, LoaderCircle, RotateCcw, Trash2, Upload, type LucideIcon } from "lucide-react";

import { newIdempotencyKey } from "@/api/client";
import { readAgain, removeImport } from "@/api/imports";
import { keys } from "@/api/keys";
import type { DatasetImport, Id } from "@/api/models";
import { isLive } from "@/api/runs";
import { useLiveRun } from "@/api/useLiveRun";
import { formatAgo, formatBytes, plural } from "@/lib/format";
import { Button, Chip, ErrorNote, IconButton, type Tone, RunProgress } from "@/ui";

import styles from "./ImportsPage.module.css";

const WORDS: Record<DatasetImport["status"], { text: string; tone: Tone; icon: LucideIcon }> = {
  uploading: { text: "Uploading", tone: "accent", icon: Upload },
  reading: { text: "Being read", tone: "accent", icon: LoaderCircle },
  done: { text: "Taken in", tone: "good", icon: Check },
  refused: { text: "Refused", tone: "bad", icon: CircleX },
};

export function ImportCard({ row, project }: { row: DatasetImport; project: Id }) {
  const client = useQueryClient();
  const refresh = () => void client.invalidateQueries({ queryKey: keys.imports(project) });
  const run = useLiveRun(row.run, refresh);
  const again = useMutation({ mutationFn: (key: string) => readAgain(row.id, key), onSuccess: refresh });
  const remove = useMutation({ mutationFn: () => removeImport(row.id), onSuccess: refresh });
  const live = run !== null && isLive(run.status);
  const { text, tone, icon } = WORDS[row.status];
  const stuck = row.status === "refused" || (row.status === "reading" && run !== null && !live);
  return (
    <article className={styles.card}>
      <header className={styles.header}>
        <h2 className={styles.name}>{row.name}</h2>
        <Chip tone={tone} icon={icon}>
          {text}
        </Chip>
        <span className={styles.quiet}>
          {formatBytes(row.bytes)}, {formatAgo(row.created_at)}
          {row.masklet_count > 0 &&
            `: ${plural(row.masklet_count, "masklet")} in ${plural(row.video_count, "video")}`}
        </span>
        {!live && row.status !== "uploading" && (
          <div className={styles.actions}>
            {stuck && (
              <Button
                small
                icon={RotateCcw}
                onClick={() => again.mutate(newIdempotencyKey())}
                busy={again.isPending && "Asking"}
              >
                Read again
              </Button>
            )}
            <IconButton
              icon={Trash2}
              label={`Remove the archive ${row.name}; what came of it stays`}
              onClick={() => remove.mutate()}
            />
          </div>
        )}
      </header>
      {run && live && <RunProgress run={run} verb="Took in" mayStop onStopped={refresh} />}
      {row.status === "refused" && (
        <>
          <p>Nothing of it was taken. {plural(row.problem_count, "problem")}:</p>
          <ul className={styles.problems}>
            {row.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
            {row.problem_count > row.problems.length && (
              <li>and {row.problem_count - row.problems.length} others</li>
            )}
          </ul>
        </>
      )}
      {row.status === "reading" && run?.status === "failed" && (
        <ErrorNote title="Reading it failed" error={run.error && new Error(run.error.message)} />
      )}
      {(again.error ?? remove.error) && <ErrorNote error={again.error ?? remove.error} />}
    </article>
  );
}
