import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CornerDownRight } from "lucide-react";

import { retireCheckpoint } from "@/api/checkpoints";
import { keys } from "@/api/keys";
import type { Checkpoint } from "@/api/models";
import type { Pages } from "@/api/usePages";
import { formatAgo, formatMoment } from "@/lib/format";
import { Button, CheckpointChip, Table, type Column } from "@/ui";

import styles from "./CheckpointsPage.module.css";
import { GainChip } from "./GainChip";
import { headline, lineage, type Descendant } from "./lineage";

/** Each checkpoint below the one that it was retrained from, with what an owner may do. */
export function CheckpointsTable({ checkpoints, ...doing }: { checkpoints: Pages<Checkpoint> } & Doing) {
  return (
    <Table
      caption="Checkpoints, each below the one that it was retrained from"
      columns={columns(doing)}
      rows={lineage(checkpoints.rows ?? [])}
      rowKey={({ checkpoint }) => checkpoint.id}
      more={checkpoints.more}
      fetchingMore={checkpoints.fetchingMore}
    />
  );
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

/** What was trained here and never evaluated is not promoted. */
const mayBePromoted = ({ status, run, evaluation }: Checkpoint) =>
  status !== "active" && (run === null || (status !== "candidate" && evaluation !== null));

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
