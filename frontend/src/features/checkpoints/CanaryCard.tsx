import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Square } from "lucide-react";
import { useState, type FormEvent } from "react";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import { listCanaries, startCanary, stopCanary } from "@/api/loop";
import type { Canary, Checkpoint, Project } from "@/api/models";
import { Button, Chip, ErrorNote, Fetched, Progress, TextField } from "@/ui";

import { IntervalPlot } from "./IntervalPlot";
import styles from "./loop.module.css";

const REACH: Record<string, { words: string; reach: number; digits: number }> = {
  refused: { words: "First verdicts that do not accept", reach: 1, digits: 2 },
  seconds_per_frame: { words: "Seconds of people a frame", reach: 30, digits: 1 },
};
const ENDED = { promoted: "promoted", retreated: "retreated", stopped: "stopped", "": "" } as const;

/** A challenger on a share of the work: how it does beside the champion, or the wish to try `candidate`. */
export function CanaryCard({ project, candidate, isOwner }: CanaryCardProps) {
  const { data, error, refetch } = useQuery({
    queryKey: [...keys.checkpoints, "canaries", project.id],
    queryFn: () => listCanaries(project.id),
    refetchInterval: 15_000,
  });
  const latest = data?.results[0];
  const live = latest?.outcome === "" ? latest : undefined;
  return (
    <section className={styles.card} aria-label="Canary">
      <div className={styles.head}>
        <h2>Canary</h2>
        {live && isOwner && <Stop canary={live} />}
      </div>
      <Fetched what="the canaries" error={error} there={data !== undefined} onRetry={() => void refetch()} />
      {live && <Live canary={live} />}
      {data && !live && latest && (
        <p className={styles.quiet}>
          <Chip tone={latest.outcome === "promoted" ? "good" : "quiet"}>{ENDED[latest.outcome]}</Chip>{" "}
          {latest.challenger_name}. {latest.reason}
        </p>
      )}
      {data && !live && candidate && isOwner && <Start candidate={candidate} />}
      {data && !live && !candidate && (
        <p className={styles.quiet}>
          What passes the gate can do a share of new assignments first. It is taken back by itself if people
          need longer or verdicts get worse.
        </p>
      )}
    </section>
  );
}

export interface CanaryCardProps {
  project: Project;
  /** One that the gate lets pass. */
  candidate: Checkpoint | undefined;
  isOwner: boolean;
}

function Live({ canary }: { canary: Canary }) {
  const seen = canary.differences[0]?.seen ?? 0;
  return (
    <>
      <p>
        <strong>{canary.challenger_name}</strong> does {Math.round(canary.share * 100)} % of new assignments,{" "}
        {canary.champion_name} the others.
      </p>
      <Progress
        label="Masklets that were judged"
        done={Math.min(seen, canary.enough)}
        total={canary.enough}
        unit="masklets"
      />
      <div className={styles.pair}>
        {canary.differences.map(({ name, estimate, low, high }) => {
          const { words, reach, digits } = REACH[name];
          return (
            <IntervalPlot
              key={name}
              label={`${words}, challenger less champion`}
              {...{ estimate, low, high, reach, digits }}
              moreIsBetter={false}
            />
          );
        })}
      </div>
      <p className={styles.quiet}>These intervals hold however often one looks.</p>
    </>
  );
}

function useRefreshed() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.checkpoints });
}

function Stop({ canary }: { canary: Canary }) {
  const refresh = useRefreshed();
  const stop = useMutation({ mutationFn: () => stopCanary(canary.id), onSettled: refresh });
  return (
    <Button
      small
      icon={Square}
      onClick={() => stop.mutate()}
      busy={stop.isPending && "Stopping"}
      title={stop.error?.message}
    >
      {stop.error ? "Stopping failed, try again" : "Stop the canary"}
    </Button>
  );
}

function Start({ candidate }: { candidate: Checkpoint }) {
  const refresh = useRefreshed();
  const [share, setShare] = useState("20");
  const start = useMutation({
    mutationFn: () => startCanary(candidate.id, Number(share) / 100, newIdempotencyKey()),
    onSettled: refresh,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <form className={styles.head} onSubmit={submit}>
      <div className={styles.share}>
        <TextField
          label="Share of new assignments, %"
          type="number"
          min={1}
          max={50}
          required
          value={share}
          onChange={(event) => setShare(event.target.value)}
        />
      </div>
      <Button type="submit" busy={start.isPending && "Starting"}>
        Try {candidate.name}
      </Button>
      {start.error && <ErrorNote error={start.error} />}
    </form>
  );
}
