import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CornerDownRight, GraduationCap } from "lucide-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import { listCheckpoints, retireCheckpoint } from "@/api/checkpoints";
import { keys } from "@/api/keys";
import type { Checkpoint, Project, Run } from "@/api/models";
import { allReleases } from "@/api/releases";
import { isLive, listRuns } from "@/api/runs";
import { usePages } from "@/api/usePages";
import { formatAgo, formatMoment } from "@/lib/format";
import { Button, CheckpointChip, EmptyState, Fetched, Section, Table, useActions, type Column } from "@/ui";

import { CanaryCard } from "./CanaryCard";
import { ChampionLine } from "./ChampionLine";
import { CheckpointDetail } from "./CheckpointDetail";
import styles from "./CheckpointsPage.module.css";
import { GainChip } from "./GainChip";
import { headline, lineage, type Descendant } from "./lineage";
import { PromoteDialog } from "./PromoteDialog";
import { RetrainDialog } from "./RetrainDialog";
import { RetrainingCard } from "./RetrainingCard";
import { TriggersCard } from "./TriggersCard";

export function CheckpointsPage({ project }: { project: Project }) {
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const [promoting, setPromoting] = useState<Checkpoint | null>(null);
  const checkpoints = usePages([...keys.checkpoints, { project: project.id }], () =>
    listCheckpoints(project.id),
  );
  const retrainings = useRetrainings(project);
  const releases = useQuery({
    queryKey: [...keys.releases, { project: project.id, all: true }],
    queryFn: () => allReleases(project.id),
  });
  const frozen = releases.data?.filter(({ status }) => status !== "draft") ?? [];

  const isOwner = project.roles.includes("owner");
  const reason = whyNot(isOwner, releases.data && frozen.length > 0);
  const ask = (release: string) => setParams({ retrain: release });
  useActions([{ ...RETRAIN, disabled: reason, perform: () => ask("") }]);

  const rows = checkpoints.rows;
  const active = rows?.find((row) => row.active);
  const chosen =
    rows && (rows.find(({ id }) => id === Number(params.get("checkpoint"))) ?? newestOrActive(rows));
  const wished = params.get("retrain");
  const error = checkpoints.error ?? retrainings.error ?? releases.error;

  return (
    <Section
      title="Checkpoints"
      level={1}
      actions={
        <Button icon={GraduationCap} shortcut="N" onClick={() => ask("")} disabledReason={reason}>
          Retrain
        </Button>
      }
    >
      <Fetched
        what="the checkpoints"
        error={error}
        there={rows !== undefined}
        onRetry={() => void client.invalidateQueries({ predicate: ({ state }) => state.status === "error" })}
      />
      {retrainings.runs.map((run) => (
        <RetrainingCard
          key={run.id}
          run={run}
          release={releases.data?.find(({ id }) => id === run.release)}
          mayStop={isOwner}
        />
      ))}
      {rows && (
        <Table
          caption="Checkpoints, each below the one that it was retrained from"
          columns={columns({
            chosen,
            isOwner,
            choose: (id) => setParams({ checkpoint: String(id) }, { replace: true }),
            promote: setPromoting,
          })}
          rows={lineage(rows)}
          rowKey={({ checkpoint }) => checkpoint.id}
          more={checkpoints.more}
          fetchingMore={checkpoints.fetchingMore}
        />
      )}
      {rows?.length === 1 && retrainings.runs.length === 0 && (
        <EmptyState icon={GraduationCap} title="Nothing was retrained yet">
          Freeze a release of accepted masklets and retrain on it: a candidate appears here beside its base,
          and nothing changes until an owner promotes it.
        </EmptyState>
      )}
      {chosen && (rows.length > 1 || params.has("checkpoint")) && (
        <CheckpointDetail key={chosen.id} checkpoint={chosen} isOwner={isOwner} />
      )}
      {rows && <Loop project={project} rows={rows} isOwner={isOwner} />}
      {promoting && (
        <PromoteDialog checkpoint={promoting} active={active} onClose={() => setPromoting(null)} />
      )}
      {wished !== null && reason === undefined && frozen.length > 0 && (
        <RetrainDialog
          project={project.id}
          releases={frozen}
          release={frozen.find(({ id }) => id === Number(wished))?.id}
          onClose={() => setParams({}, { replace: true })}
        />
      )}
    </Section>
  );
}

/** What is tried, what was champion, and when it retrains. */
function Loop({
  project,
  rows,
  isOwner,
}: {
  project: Project;
  rows: readonly Checkpoint[];
  isOwner: boolean;
}) {
  return (
    <>
      <CanaryCard
        project={project}
        candidate={rows.find((row) => row.status === "evaluated" && row.kept_out === "")}
        isOwner={isOwner}
      />
      <ChampionLine project={project} isOwner={isOwner} />
      <TriggersCard project={project} isOwner={isOwner} />
    </>
  );
}

const RETRAIN = { name: "retrain", label: "Retrain", keys: ["N"], group: "Checkpoints" };

/** Why nothing can be retrained now; `frozen` is undefined until it is known. */
function whyNot(isOwner: boolean, frozen: boolean | undefined): string | undefined {
  if (!isOwner) return "Only owners of this project retrain and promote. Ask one of them.";
  if (frozen === false) return "Freeze a release first: it is what a checkpoint is retrained on.";
  return undefined;
}

const newestOrActive = (rows: readonly Checkpoint[]) =>
  rows.find(({ status }) => status === "evaluated") ?? rows.find((row) => row.active);

/**
 * Those under way, and the last one if it ended without a checkpoint. A list of checkpoints is stale once
 * one has ended.
 */
function useRetrainings(project: Project): { runs: Run[]; error: Error | null } {
  const client = useQueryClient();
  const { data, error } = useQuery({
    queryKey: [...keys.runs, { project: project.id, kind: "finetune" }],
    queryFn: () => listRuns({ project: project.id, kind: "finetune" }),
    refetchInterval: ({ state }) =>
      state.data?.results.some(({ status }) => isLive(status)) ? 2000 : 15_000,
  });
  const done = data?.results.filter(({ status }) => !isLive(status)).length;
  useEffect(() => {
    void client.invalidateQueries({ queryKey: keys.checkpoints });
  }, [client, done]);
  const runs = data?.results ?? [];
  return {
    runs: runs.filter(({ status }, i) => isLive(status) || (i === 0 && status !== "succeeded")),
    error,
  };
}

interface Doing {
  chosen: Checkpoint | undefined;
  isOwner: boolean;
  choose: (id: number) => void;
  promote: (checkpoint: Checkpoint) => void;
}

const columns = ({ chosen, isOwner, choose, promote }: Doing): Column<Descendant>[] => [
  {
    name: "Checkpoint",
    header: "Checkpoint",
    cell: ({ checkpoint, depth }) => (
      <span className={styles.tree} style={{ paddingLeft: depth * 20 }}>
        {depth > 0 && <CornerDownRight size={15} className={styles.branch} aria-hidden />}
        <button
          type="button"
          className={styles.name}
          aria-pressed={checkpoint.id === chosen?.id}
          onClick={() => choose(checkpoint.id)}
        >
          {checkpoint.name}
        </button>
      </span>
    ),
  },
  { name: "State", header: "State", cell: ({ checkpoint }) => <CheckpointChip status={checkpoint.status} /> },
  {
    name: "Release",
    header: "Release",
    cell: ({ checkpoint }) => checkpoint.release_name || <span className={styles.quiet}>none</span>,
  },
  {
    name: "Tracking",
    header: "Tracking, base → candidate (J&F)",
    cell: ({ checkpoint }) => <Headline checkpoint={checkpoint} />,
  },
  {
    name: "Made",
    header: "Made",
    wide: true,
    cell: ({ checkpoint }) => (
      <time
        dateTime={checkpoint.created_at}
        title={formatMoment(checkpoint.created_at)}
        className={styles.quiet}
      >
        {formatAgo(checkpoint.created_at)}
      </time>
    ),
  },
  {
    name: "Actions",
    cell: ({ checkpoint }) =>
      isOwner && (
        <span className={styles.actions}>
          {mayBePromoted(checkpoint) && (
            <Button small onClick={() => promote(checkpoint)} aria-label={`Promote ${checkpoint.name}`}>
              {checkpoint.status === "retired" ? "Promote again" : "Promote"}
            </Button>
          )}
          {(checkpoint.status === "evaluated" || checkpoint.status === "candidate") && (
            <Retire checkpoint={checkpoint} />
          )}
        </span>
      ),
  },
];

/** What was never evaluated is not promoted, unless it is the installation's own. */
const mayBePromoted = ({ status, run, evaluation }: Checkpoint) =>
  status !== "active" && status !== "candidate" && (run === null || evaluation !== null);

function Headline({ checkpoint }: { checkpoint: Checkpoint }) {
  const found = headline(checkpoint);
  if (!found) return null;
  return (
    <span className={styles.figures}>
      <span>
        {found.base.toFixed(3)} → <strong>{found.candidate.toFixed(3)}</strong>
      </span>
      <GainChip gain={found.gain} />
      {!checkpoint.evaluation?.held_out && <span className={styles.quiet}>rendered footage</span>}
    </span>
  );
}

/** It can be promoted later all the same, so it does not ask. */
function Retire({ checkpoint }: { checkpoint: Checkpoint }) {
  const client = useQueryClient();
  const retire = useMutation({
    mutationFn: () => retireCheckpoint(checkpoint.id),
    onSettled: () => client.invalidateQueries({ queryKey: keys.checkpoints }),
  });
  return (
    <Button
      small
      variant="quiet"
      onClick={() => retire.mutate()}
      busy={retire.isPending && "Retiring"}
      title={retire.error?.message}
      aria-label={`Retire ${checkpoint.name}`}
    >
      {retire.error ? "Retiring failed, try again" : "Retire"}
    </Button>
  );
}
