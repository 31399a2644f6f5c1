import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useState } from "react";

import { keys } from "@/api/keys";
import { listPromotions, rollBack } from "@/api/loop";
import type { Project, Promotion } from "@/api/models";
import { formatAgo, formatMoment } from "@/lib/format";
import { Button, Dialog, ErrorNote, Fetched, Table, TextField, type Column } from "@/ui";

import styles from "./loop.module.css";

/** Who was champion, when and why, and the way back. */
export function ChampionLine({ project, isOwner }: { project: Project; isOwner: boolean }) {
  const [asking, setAsking] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: [...keys.checkpoints, "promotions", project.id],
    queryFn: () => listPromotions(project.id),
  });
  const latest = data?.results[0];
  const former = latest && formerOf(data.results);
  return (
    <section className={styles.card} aria-label="Champions">
      <div className={styles.head}>
        <h2>Champions</h2>
        {isOwner && former && (
          <Button small icon={Undo2} onClick={() => setAsking(true)}>
            Roll back
          </Button>
        )}
      </div>
      <Fetched what="the champions" error={error} there={data !== undefined} onRetry={() => void refetch()} />
      {data && (
        <Table
          caption="Champions, the latest first"
          columns={COLUMNS}
          rows={data.results}
          rowKey={({ id }) => id}
        />
      )}
      {asking && former && latest && (
        <RollbackDialog
          project={project}
          from={latest.checkpoint_name}
          to={former}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

/** Where a rollback goes: to what the champion took over from when it rose. */
function formerOf(line: readonly Promotion[]): string | undefined {
  const champion = line[0]?.checkpoint;
  const rose = line.find(({ checkpoint, kind }) => checkpoint === champion && kind !== "rollback");
  return rose?.former_name || undefined;
}

const WHY: Record<Promotion["kind"], string> = {
  first: "the project began with it",
  gate: "passed the gate",
  unjudged: "an owner vouched for it",
  rollback: "came back",
};

const COLUMNS: Column<Promotion>[] = [
  {
    name: "Checkpoint",
    header: "Checkpoint",
    cell: ({ checkpoint_name }) => <strong>{checkpoint_name}</strong>,
  },
  {
    name: "Why",
    header: "Why",
    wide: true,
    cell: ({ kind, gain, reason }) => (
      <>
        {WHY[kind]}
        {gain != null && ` (J&F ${gain > 0 ? "+" : ""}${gain.toFixed(3)})`}
        {reason && <span className={styles.quiet}> — {reason}</span>}
      </>
    ),
  },
  {
    name: "By",
    header: "By",
    cell: ({ by, kind }) => by || (kind === "first" ? "–" : "the project’s policy"),
  },
  {
    name: "When",
    header: "When",
    cell: ({ created_at }) => (
      <time dateTime={created_at} title={formatMoment(created_at)}>
        {formatAgo(created_at)}
      </time>
    ),
  },
];

interface RollbackDialogProps {
  project: Project;
  from: string;
  to: string;
  onClose: () => void;
}

function RollbackDialog({ project, from, to, onClose }: RollbackDialogProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const back = useMutation({
    mutationFn: () => rollBack(project.id, reason),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.checkpoints });
      onClose();
    },
  });
  return (
    <Dialog
      title={`Go back to ${to}?`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" onClick={() => back.mutate()} busy={back.isPending && "Going back"}>
            Roll back
          </Button>
        </>
      }
    >
      <p>
        The next click of everybody uses <strong>{to}</strong>, also on masklets that were begun with {from}.
        Masks that exist stay as they are.
      </p>
      <TextField
        label="What went wrong"
        hint="For those who read the line of champions later."
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {back.error && <ErrorNote error={back.error} />}
    </Dialog>
  );
}
