import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ScanSearch, Square } from "lucide-react";

import { generate } from "@/api/candidates";
import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Project, Run, Video, VideoGeneration } from "@/api/models";
import { cancelRun, isLive } from "@/api/runs";
import { useLiveRun } from "@/api/useLiveRun";
import { formatRough, plural } from "@/lib/format";
import { Button, ErrorNote, Progress, RunChip } from "@/ui";

import styles from "./GenerationPanel.module.css";

/** Whether SAM 2 has looked through a video, how far it is, and the button that lets it. */
export function GenerationPanel({
  project,
  video,
  generation,
}: {
  project: Project;
  video: Video;
  generation: VideoGeneration;
}) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: keys.candidates });
  const run = useLiveRun(generation.run, () => void refresh());
  const start = useMutation({
    mutationFn: (key: string) => generate(project.id, { videos: [video.id] }, key),
    onSuccess: refresh,
  });
  const stop = useMutation({ mutationFn: (id: number) => cancelRun(id), onSuccess: refresh });
  const live = run !== null && isLive(run.status);
  const cannot = project.roles.includes("owner") ? undefined : "Only owners of this project start that.";
  const { seconds } = generation.estimate;
  return (
    <section className={styles.panel} aria-label="Generation">
      <div className={styles.line}>
        {run && <RunChip status={run.status} />}
        <span className={styles.words}>{said(video, run, seconds)}</span>
        {live ? (
          <Button
            small
            icon={Square}
            disabledReason={cannot}
            busy={(stop.isPending || run.cancel_requested) && "Stopping"}
            onClick={() => stop.mutate(run.id)}
          >
            Stop
          </Button>
        ) : (
          <Button
            small
            icon={ScanSearch}
            disabledReason={cannot}
            busy={start.isPending && "Starting"}
            onClick={() => start.mutate(newIdempotencyKey())}
          >
            {run ? "Look again" : "Look for objects"}
          </Button>
        )}
      </div>
      {live && (
        <Progress
          label={timeLeft(run)}
          done={run.progress.done}
          total={run.progress.total || (run.status === "queued" ? 1 : 0)}
          unit={run.progress.unit}
        />
      )}
      {run?.error && <ErrorNote title="It could not be finished" error={new Error(run.error.message)} />}
      {(start.error ?? stop.error) && (
        <ErrorNote title="That did not work" error={start.error ?? stop.error} />
      )}
    </section>
  );
}

function said({ frame_count: frames }: Video, run: Run | null, seconds: number | null): string {
  if (run !== null && isLive(run.status)) return "SAM 2 looks for the objects of this video.";
  const cost =
    seconds === null
      ? "How long it takes is known after the first video."
      : `It takes ${formatRough(seconds)}.`;
  if (run === null) return `Nobody has looked through its ${plural(frames ?? 0, "frame")} yet. ${cost}`;
  const took = run.result.seconds;
  return typeof took === "number"
    ? `It took ${formatRough(took)} for ${plural(frames ?? 0, "frame")}.`
    : cost;
}

/** From how far it is after how long. */
export function timeLeft(
  { status, progress: { done, total }, started_at: started }: Run,
  now = Date.now(),
): string {
  if (status === "queued") return "Waits for a worker";
  if (done === 0 || total === 0 || started === null) return "Looking at the first frame";
  const passed = (now - new Date(started).getTime()) / 1000;
  return `Looking: ${formatRough((passed * (total - done)) / done)} left`;
}
