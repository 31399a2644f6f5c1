import { useQuery, useQueryClient } from "@tanstack/react-query";
import { GraduationCap, PackagePlus } from "lucide-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import { listCheckpoints } from "@/api/checkpoints";
import { keys } from "@/api/keys";
import type { Checkpoint, Project, Release, Run } from "@/api/models";
import { allReleases } from "@/api/releases";
import { isLive, listRuns } from "@/api/runs";
import { usePages } from "@/api/usePages";
import { Button, EmptyState, Fetched, Section, useActions } from "@/ui";

import { BringInDialog } from "./BringInDialog";
import { CanaryCard } from "./CanaryCard";
import { ChampionLine } from "./ChampionLine";
import { CheckpointDetail } from "./CheckpointDetail";
import { CheckpointsTable } from "./CheckpointsTable";
import { ComingIn } from "./ComingIn";
import { LineageGraph } from "./LineageGraph";
import { PromoteDialog } from "./PromoteDialog";
import { RetrainDialog } from "./RetrainDialog";
import { RetrainingCard } from "./RetrainingCard";
import { SideBySide } from "./SideBySide";
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
  const bringIn = () => setParams({ bring: "in" });
  const notYours = isOwner ? undefined : OWNERS;
  useActions([
    { ...RETRAIN, disabled: reason, perform: () => ask("") },
    { ...BRING_IN, disabled: notYours, perform: bringIn },
  ]);

  const rows = checkpoints.rows;
  const active = rows?.find((row) => row.active);
  const chosen =
    rows && (rows.find(({ id }) => id === Number(params.get("checkpoint"))) ?? newestOrActive(rows));
  const choose = (id: number) => setParams({ checkpoint: String(id) }, { replace: true });
  const error = checkpoints.error ?? retrainings.error ?? releases.error;

  return (
    <Section
      title="Checkpoints"
      level={1}
      actions={<Ways bringIn={bringIn} notYours={notYours} retrain={() => ask("")} reason={reason} />}
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
      <ComingIn project={project} isOwner={isOwner} />
      {rows && rows.length > 1 && (
        <LineageGraph project={project.id} rows={rows} chosen={chosen?.id} choose={choose} />
      )}
      {rows && (
        <CheckpointsTable
          checkpoints={checkpoints}
          chosen={chosen}
          isOwner={isOwner}
          choose={choose}
          promote={setPromoting}
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
      {rows && <SideBySide rows={rows} />}
      {rows && <Loop project={project} rows={rows} isOwner={isOwner} />}
      {promoting && (
        <PromoteDialog checkpoint={promoting} active={active} onClose={() => setPromoting(null)} />
      )}
      <Asked
        project={project.id}
        bring={params.has("bring") && isOwner}
        retrain={reason === undefined ? params.get("retrain") : null}
        frozen={frozen}
        onClose={() => setParams({}, { replace: true })}
      />
    </Section>
  );
}

interface WaysProps {
  bringIn: () => void;
  notYours: string | undefined;
  retrain: () => void;
  reason: string | undefined;
}

const Ways = ({ bringIn, notYours, retrain, reason }: WaysProps) => (
  <>
    <Button icon={PackagePlus} shortcut="B" onClick={bringIn} disabledReason={notYours}>
      Bring in
    </Button>
    <Button icon={GraduationCap} shortcut="N" onClick={retrain} disabledReason={reason}>
      Retrain
    </Button>
  </>
);

interface AskedProps {
  project: number;
  bring: boolean;
  /** The release that the address names, perhaps empty; null where nothing is to be retrained. */
  retrain: string | null;
  frozen: readonly Release[];
  onClose: () => void;
}

/** The dialog that the address asks for. */
function Asked({ project, bring, retrain, frozen, onClose }: AskedProps) {
  if (bring) return <BringInDialog project={project} onClose={onClose} />;
  if (retrain === null || frozen.length === 0) return null;
  return (
    <RetrainDialog
      project={project}
      releases={frozen}
      release={frozen.find(({ id }) => id === Number(retrain))?.id}
      onClose={onClose}
    />
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

const OWNERS = "Only owners of this project bring in, retrain and promote. Ask one of them.";
const BRING_IN = { name: "bring-in", label: "Bring in a checkpoint", keys: ["B"], group: "Checkpoints" };
const RETRAIN = { name: "retrain", label: "Retrain", keys: ["N"], group: "Checkpoints" };

/** Why nothing can be retrained now; `frozen` is undefined until it is known. */
function whyNot(isOwner: boolean, frozen: boolean | undefined): string | undefined {
  if (!isOwner) return OWNERS;
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
