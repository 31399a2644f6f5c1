import type { Checkpoint, Comparison } from "@/api/models";
import { plural } from "@/lib/format";
import { Table, Tooltip, type Column } from "@/ui";

import styles from "./CheckpointDetail.module.css";
import { GainChip } from "./GainChip";
import { GateCard } from "./GateCard";
import { gains, type Gain } from "./lineage";
import { TakeAlong } from "./TakeAlong";
import { TrainingCurves } from "./TrainingCurves";

/** Where a checkpoint comes from, how it compares with its base, and how its training went. */
export function CheckpointDetail({ checkpoint, isOwner }: { checkpoint: Checkpoint; isOwner: boolean }) {
  const { evaluation, base, settings, run } = checkpoint;
  return (
    <section className={styles.detail} aria-labelledby="checkpoint-detail">
      <h2 id="checkpoint-detail" className={styles.title}>
        {checkpoint.name}
      </h2>
      {run === null ? (
        <FromElsewhere checkpoint={checkpoint} isOwner={isOwner} />
      ) : (
        <>
          {base && settings && (
            <dl className={styles.facts}>
              <Fact name="Base">{base.name}</Fact>
              <Fact name="Release">{checkpoint.release_name}</Fact>
              <Fact name="Steps">{settings.steps.toLocaleString("en")}</Fact>
              <Fact name="Rendered share">{Math.round(settings.rendered_share * 100)} %</Fact>
              <Fact name="Learning rate">
                {rate(settings.learning_rate, evaluation?.recipe.learning_rate)}
              </Fact>
              <Fact name="Image encoder’s">
                {rate(settings.encoder_learning_rate, evaluation?.recipe.encoder_learning_rate)}
              </Fact>
            </dl>
          )}
          {evaluation ? (
            <>
              <p className={styles.note}>{evaluation.note}</p>
              <div className={styles.comparisons}>
                {evaluation.held_out && (
                  <Comparing title="On footage kept aside" comparison={evaluation.held_out} />
                )}
                {evaluation.rendered && (
                  <Comparing
                    title="On rendered footage, not to be forgotten"
                    comparison={evaluation.rendered}
                  />
                )}
              </div>
            </>
          ) : (
            <p className={styles.quiet}>
              Its evaluation did not end, so nobody knows how good it is and it cannot be promoted.
            </p>
          )}
          <GateCard checkpoint={checkpoint} isOwner={isOwner} />
          {isOwner && checkpoint.location.startsWith("s3:") && <TakeAlong checkpoint={checkpoint} />}
          <TrainingCurves run={run} live={false} />
        </>
      )}
    </section>
  );
}

/** What nobody trained here. */
function FromElsewhere({ checkpoint, isOwner }: { checkpoint: Checkpoint; isOwner: boolean }) {
  const { came_from, location } = checkpoint;
  if (!came_from)
    return (
      <p className={styles.quiet}>
        The installation’s own checkpoint ({location || "its default"}). Nothing of this project was trained
        into it.
      </p>
    );
  return (
    <>
      <p className={styles.note}>
        Brought in from {came_from}. What it was trained on is not known here; that may include what is held
        out.
      </p>
      <GateCard checkpoint={checkpoint} isOwner={isOwner} />
      {isOwner && <TakeAlong checkpoint={checkpoint} />}
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** As somebody chose it, or as the trainer did. */
function rate(chosen: number | null, trainers: unknown): string {
  const value = chosen ?? trainers;
  if (typeof value !== "number") return "the trainer’s own";
  return value === 0 ? "0, frozen" : String(value);
}

const figure = (value: number) => value.toFixed(3);

const COLUMNS: Column<Gain>[] = [
  {
    name: "Figure",
    header: "Figure",
    wide: true,
    cell: ({ words }) => (
      <Tooltip text={words.hint}>
        {/* Its words are explained to the keyboard too. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <span tabIndex={0} className={styles.figure}>
          {words.label}
        </span>
      </Tooltip>
    ),
  },
  { name: "Base", header: "Base", numeric: true, cell: ({ base }) => figure(base) },
  {
    name: "Candidate",
    header: "Candidate",
    numeric: true,
    cell: ({ candidate }) => <strong>{figure(candidate)}</strong>,
  },
  { name: "Gain", header: "Gain", numeric: true, cell: ({ gain }) => <GainChip gain={gain} /> },
];

function Comparing({ title, comparison }: { title: string; comparison: Comparison }) {
  const { objects, frames } = comparison.candidate;
  return (
    <div>
      <h3 className={styles.heading}>{title}</h3>
      {objects !== undefined && (
        <p className={styles.quiet}>
          {plural(objects, "object")}
          {frames !== undefined && `, ${plural(frames, "frame")}`}
        </p>
      )}
      <Table caption={title} columns={COLUMNS} rows={gains(comparison)} rowKey={({ words }) => words.name} />
    </div>
  );
}
