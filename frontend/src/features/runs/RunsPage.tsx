import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Cpu } from "lucide-react";
import { Link, useSearchParams } from "react-router";

import { keys } from "@/api/keys";
import type { Project, Run } from "@/api/models";
import { cancelRun, isLive, listRuns } from "@/api/runs";
import { useLiveRun } from "@/api/useLiveRun";
import { usePages } from "@/api/usePages";
import { useUser } from "@/api/useSession";
import { formatAgo, formatDuration, formatMoment } from "@/lib/format";
import {
  Button,
  EmptyState,
  Fetched,
  FilterChips,
  Progress,
  RunChip,
  Section,
  Table,
  type Column,
} from "@/ui";

import styles from "./RunsPage.module.css";

/** A browser has few streams to give; the other live runs are polled. */
const FOLLOWED = 2;

export function RunsPage({ project }: { project: Project }) {
  const client = useQueryClient();
  const { username } = useUser();
  const [params, setParams] = useSearchParams();
  const live = params.get("live") === "true";
  const { rows, error, refetch, more, fetchingMore } = usePages(
    [...keys.runs, { project: project.id, live }],
    () => listRuns({ project: project.id, live: live || undefined }),
    { poll: (runs) => (runs.some(({ status }) => isLive(status)) ? 3000 : false) },
  );
  const followed = new Set(
    rows
      ?.filter(({ status }) => status === "running")
      .slice(0, FOLLOWED)
      .map(({ id }) => id),
  );
  const refresh = () => void client.invalidateQueries({ queryKey: keys.runs });

  const columns: Column<Run>[] = [
    { name: "Run", header: "Run", numeric: true, cell: ({ id }) => id },
    { name: "Work", header: "Work", cell: ({ title }) => title },
    { name: "On", header: "On", cell: (run) => <Subject run={run} /> },
    { name: "State", header: "State", cell: ({ status }) => <RunChip status={status} /> },
    {
      name: "Progress",
      header: "Progress",
      wide: true,
      cell: (run) => <Advance run={run} follow={followed.has(run.id)} onEnd={refresh} />,
    },
    { name: "Attempt", header: "Attempt", numeric: true, cell: ({ attempt }) => attempt },
    { name: "Took", header: "Took", numeric: true, cell: took },
    {
      name: "Asked for",
      header: "Asked for",
      cell: ({ created_at }) => (
        <time dateTime={created_at} title={formatMoment(created_at)} className={styles.quiet}>
          {formatAgo(created_at)}
        </time>
      ),
    },
    {
      name: "Stop",
      cell: (run) => mayStop(run, project, username) && <Stop run={run} onStopped={refresh} />,
    },
  ];

  return (
    <Section title="Runs" level={1}>
      <FilterChips
        label="Runs"
        options={[{ value: "true", label: "Under way" }]}
        value={live ? "true" : undefined}
        onChange={(value) => setParams(value ? { live: value } : {}, { replace: true })}
      />
      <Fetched what="the runs" error={error} there={rows !== undefined} onRetry={refetch} />
      {rows?.length === 0 && (
        <EmptyState icon={Cpu} title={live ? "Nothing is under way" : "No runs yet"}>
          Runs are the machine’s work: extracting frames, predicting and propagating masks, writing exports,
          retraining. They appear here by themselves.
        </EmptyState>
      )}
      {rows && rows.length > 0 && (
        <Table
          caption="Runs"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          belowFrom={1}
          below={({ error: failure, result: { waits_for: waitsFor } }) =>
            failure ? (
              <span className={styles.failure}>{failure.message}</span>
            ) : (
              typeof waitsFor === "string" && (
                <span className={styles.quiet}>Waits for the {waitsFor}, and then begins again.</span>
              )
            )
          }
          more={more}
          fetchingMore={fetchingMore}
        />
      )}
    </Section>
  );
}

function Subject({ run }: { run: Run }) {
  if (run.masklet !== null)
    return run.video === null ? (
      `masklet ${run.masklet}`
    ) : (
      <Link to={`/videos/${run.video}`}>masklet {run.masklet}</Link>
    );
  if (run.video !== null) return <Link to={`/videos/${run.video}`}>video {run.video}</Link>;
  if (run.release !== null) return <Link to="../releases">release {run.release}</Link>;
  return "the project";
}

function Advance({ run, follow, onEnd }: { run: Run; follow: boolean; onEnd: () => void }) {
  const { progress, status } = useLiveRun(run, onEnd, follow);
  if (progress.total === 0) return null;
  const tone =
    status === "succeeded" ? "good" : status === "failed" ? "bad" : isLive(status) ? "accent" : "quiet";
  return (
    <Progress
      label={
        progress.unit === "percent"
          ? "of the video"
          : `${progress.done.toLocaleString("en")} of ${progress.total.toLocaleString("en")} ${progress.unit}`
      }
      done={progress.done}
      total={progress.total}
      unit={progress.unit}
      tone={tone}
    />
  );
}

/** Who asked for a run stops it, or an owner; some kinds are the owners'. */
export const mayStop = (
  { actor, owners_cancel: owners }: Run,
  { roles }: Project,
  username: string,
): boolean => roles.includes("owner") || (actor === username && !owners);

function Stop({ run, onStopped }: { run: Run; onStopped: () => void }) {
  const stop = useMutation({ mutationFn: () => cancelRun(run.id), onSuccess: onStopped });
  if (!isLive(run.status)) return null;
  return (
    <Button
      small
      onClick={() => stop.mutate()}
      busy={stop.isPending && "Stopping"}
      title={stop.error?.message}
    >
      {stop.error ? "Stop failed, try again" : stop.isSuccess ? "Stopping" : "Stop"}
    </Button>
  );
}

function took({ started_at, finished_at }: Run): string {
  if (started_at === null || finished_at === null) return "";
  return formatDuration((new Date(finished_at).getTime() - new Date(started_at).getTime()) / 1000);
}
