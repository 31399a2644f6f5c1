import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, ShieldX } from "lucide-react";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import { evaluateAgain, listEvaluations } from "@/api/loop";
import type { Checkpoint, GateEvaluation } from "@/api/models";
import { plural } from "@/lib/format";
import { Button, Chip, ErrorNote, Fetched, Table, type Column } from "@/ui";

import { Examples } from "./Examples";
import { IntervalPlot } from "./IntervalPlot";
import styles from "./loop.module.css";
import { guardRows, sliceRows, type GuardRow, type SliceRow } from "./gate";

/** How the gate judged a checkpoint beside the champion, on masklets that no training sees. */
export function GateCard({ checkpoint, isOwner }: { checkpoint: Checkpoint; isOwner: boolean }) {
  const { data, error, refetch } = useQuery({
    queryKey: [...keys.checkpoints, checkpoint.id, "evaluations"],
    queryFn: () => listEvaluations(checkpoint.id),
  });
  const latest = data?.results[0];
  return (
    <section className={styles.card} aria-label="The gate">
      <div className={styles.head}>
        <h3>The gate</h3>
        {latest && <Outcome told={latest} />}
        {isOwner && !checkpoint.active && <Again checkpoint={checkpoint} judged={latest !== undefined} />}
      </div>
      <Fetched
        what="its evaluations"
        error={error}
        there={data !== undefined}
        onRetry={() => void refetch()}
      />
      {data && !latest && (
        <p className={styles.quiet}>
          {checkpoint.kept_out || "It was not judged on masklets that are held out."}
        </p>
      )}
      {latest && <Judged told={latest} />}
    </section>
  );
}

function Outcome({ told }: { told: GateEvaluation }) {
  return told.passed ? (
    <Chip tone="good" icon={Check}>
      passed
    </Chip>
  ) : (
    <Chip tone="bad" icon={ShieldX}>
      kept out
    </Chip>
  );
}

function Again({ checkpoint, judged }: { checkpoint: Checkpoint; judged: boolean }) {
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => evaluateAgain(checkpoint.id, newIdempotencyKey()),
    onSettled: () => client.invalidateQueries({ queryKey: keys.runs }),
  });
  return (
    <>
      <Button
        small
        onClick={() => again.mutate()}
        busy={again.isPending && "Asking"}
        disabledReason={again.isSuccess ? "It is being evaluated." : undefined}
      >
        {judged ? "Evaluate again" : "Evaluate"}
      </Button>
      {again.error && <ErrorNote error={again.error} />}
    </>
  );
}

function Judged({ told }: { told: GateEvaluation }) {
  const reach = Math.max(0.05, Math.abs(told.gain_low), Math.abs(told.gain_high));
  const slices = sliceRows(told);
  return (
    <>
      <p className={styles.quiet}>
        Beside {told.champion_name}, on {plural(told.videos.length, "video")} of evaluation set {told.set},
        attempt {told.number}.
      </p>
      {told.why_not && <p>{told.why_not}</p>}
      <IntervalPlot
        label="J&F from one click, gained"
        estimate={told.gain}
        low={told.gain_low}
        high={told.gain_high}
        reach={reach}
      />
      <div className={styles.pair}>
        <Table
          caption="What it must not forget"
          columns={GUARDS}
          rows={guardRows(told)}
          rowKey={({ name }) => name}
        />
        {slices.length > 0 && (
          <Table caption="By slice" columns={SLICES} rows={slices} rowKey={({ name }) => name} />
        )}
      </div>
      <Examples told={told} />
    </>
  );
}

const number = (value: number | null | undefined) => (value == null ? "–" : value.toFixed(3));

const GUARDS: Column<GuardRow>[] = [
  { name: "Slice", header: "Slice", wide: true, cell: ({ words }) => words },
  { name: "Champion", header: "Champion", numeric: true, cell: ({ before }) => number(before) },
  {
    name: "Candidate",
    header: "Candidate",
    numeric: true,
    cell: ({ after }) => <strong>{number(after)}</strong>,
  },
  {
    name: "Holds",
    header: "May lose",
    numeric: true,
    cell: ({ holds, allowed }) => (
      <Chip tone={holds ? "good" : "bad"} icon={holds ? Check : ShieldX}>
        {holds ? "" : "more than "}
        {allowed.toFixed(2)}
      </Chip>
    ),
  },
];

const SLICES: Column<SliceRow>[] = [
  { name: "Slice", header: "Slice", wide: true, cell: ({ name }) => name },
  { name: "Objects", header: "Objects", numeric: true, cell: ({ objects }) => objects },
  {
    name: "Click",
    header: "J&F, one click",
    numeric: true,
    cell: ({ before, after }) => (
      <>
        {number(before)} → <strong>{number(after)}</strong>
      </>
    ),
  },
  {
    name: "Seconds",
    header: "Seconds a frame",
    numeric: true,
    cell: ({ secondsBefore, secondsAfter }) => `${number(secondsBefore)} → ${number(secondsAfter)}`,
  },
];
