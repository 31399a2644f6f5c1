import { useQuery } from "@tanstack/react-query";
import { Download, Timer, X } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { effortCsvAddress, effortTable, type EffortQuery } from "@/api/effortTable";
import { keys } from "@/api/keys";
import {
  PHASES,
  type Effort,
  type EffortKey,
  type EffortRow,
  type PaperRow,
  type Project,
} from "@/api/models";
import { formatSpan, plural } from "@/lib/format";
import { useAddress } from "@/lib/useAddress";
import {
  Button,
  ButtonLink,
  EffortTable,
  EmptyState,
  Fetched,
  Figures,
  Section,
  Segments,
  Table,
  clicks,
  frameTime,
  share,
  type Column,
} from "@/ui";

import { BarPlot } from "@/ui";
import { SHOWN, described, drawn, timeBars, waitBars } from "./bars";
import styles from "./EffortPage.module.css";

const WORDS: Record<EffortKey, string> = {
  phase: "Phase",
  checkpoint: "Checkpoint",
  person: "Person",
  video: "Video",
  week: "Week",
};
const BY = Object.entries(WORDS).map(([value, label]) => ({ value: value as EffortKey, label }));

/** What the work cost, in the columns of the SAM 2 paper's Table 1 and beside them. */
export function EffortPage({ project }: { project: Project }) {
  const { params, set: change, replace } = useAddress();
  const isOwner = project.roles.includes("owner");
  const query = queryFrom(params);
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: [...keys.effort(project.id), query],
    queryFn: () => effortTable(project.id, query),
    placeholderData: (before) => before,
  });
  const filtered =
    query.phase !== undefined ||
    query.person !== undefined ||
    query.video !== undefined ||
    query.trial !== undefined;
  const empty = data && data.rows.length === 0;

  return (
    <Section
      title="Effort"
      level={1}
      actions={
        data &&
        !empty && (
          <ButtonLink
            icon={Download}
            to={effortCsvAddress(project.id, query)}
            reloadDocument
            download={`effort by ${query.by}.csv`}
          >
            Download CSV
          </ButtonLink>
        )
      }
    >
      {!isOwner && (
        <p className={styles.quiet}>
          These figures are about your own work. Owners of the project see everybody’s, and nobody else sees
          yours.
        </p>
      )}
      <Choices query={query} isOwner={isOwner} onChange={change} />
      <Fetched what="the figures" error={error} there={data !== undefined} onRetry={() => void refetch()} />
      {empty && filtered && (
        <EmptyState
          icon={Timer}
          title="Nothing was measured here"
          action={<Button onClick={() => replace({ by: query.by })}>Show everything</Button>}
        />
      )}
      {empty && !filtered && (
        <EmptyState
          icon={Timer}
          title="Nothing was measured yet"
          action={<ButtonLink to="..">Go to the videos</ButtonLink>}
        >
          {project.roles.includes("annotator")
            ? "Open a video, annotate an object and submit it: what it took in time, clicks and edited frames then stands here."
            : "As soon as the first masklet is submitted, what it took in time, clicks and edited frames stands here."}
        </EmptyState>
      )}
      {data && !empty && <Report data={data} query={query} stale={isPlaceholderData} />}
    </Section>
  );
}

interface ChoicesProps {
  query: EffortQuery;
  isOwner: boolean;
  onChange: (name: string, value: string | undefined) => void;
}

/** What the rows stand for, and which masklets they add up. */
function Choices({ query, isOwner, onChange }: ChoicesProps) {
  return (
    <div className={styles.choices}>
      <Segments
        label="Rows by"
        options={isOwner ? BY : BY.filter(({ value }) => value !== "person")}
        value={query.by}
        onChange={(by) => onChange("by", by)}
      />
      <Segments
        label="Masklets of"
        options={[
          { value: "", label: "All work" },
          { value: "false", label: "Without experiments" },
          { value: "true", label: "Experiments" },
        ]}
        value={query.trial === undefined ? "" : String(query.trial)}
        onChange={(trial) => onChange("trial", trial)}
      />
      <Narrowed query={query} onDrop={(name) => onChange(name, undefined)} />
    </div>
  );
}

/** The figures as a table and as plots; `stale` while newer ones are on their way. */
function Report({ data, query, stale }: { data: Effort; query: EffortQuery; stale: boolean }) {
  return (
    <div className={styles.report} aria-busy={stale}>
      <Totals effort={data} phase={query.phase} />
      <EffortTable
        caption={`Effort by ${data.by}, in the columns of the paper’s Table 1`}
        of={WORDS[data.by]}
        rows={data.rows}
        total={data.rows.length > 1 ? data.total : null}
        paper={
          data.by === "phase"
            ? data.paper.filter(({ phase }) => query.phase === undefined || phase === query.phase)
            : undefined
        }
        definitions={data.definitions}
        name={(row) => <Drill row={row} by={data.by} query={query} />}
      />
      {data.rows.length < data.row_count && (
        <p className={styles.quiet}>
          The first {data.rows.length} of {plural(data.row_count, WORDS[data.by].toLowerCase())}; the CSV has
          all of them.
        </p>
      )}
      <Plots effort={data} phase={query.phase} />
      <Definitions definitions={data.definitions} />
    </div>
  );
}

function queryFrom(params: URLSearchParams): EffortQuery {
  const video = params.get("video") ?? "";
  const trial = params.get("trial");
  return {
    by: BY.find(({ value }) => value === params.get("by"))?.value ?? "phase",
    phase: PHASES.find((phase) => String(phase) === params.get("phase")),
    person: params.get("person") ?? undefined,
    video: /^\d+$/.test(video) ? Number(video) : undefined,
    trial: trial === "true" ? true : trial === "false" ? false : undefined,
  };
}

/** What the figures were narrowed to, each to be let go. */
function Narrowed({ query, onDrop }: { query: EffortQuery; onDrop: (name: string) => void }) {
  const given: [string, string | undefined][] = [
    ["phase", query.phase && `phase ${query.phase}`],
    ["person", query.person],
    ["video", query.video && `video ${query.video}`],
  ].map(([name, words]) => [name as string, words ? String(words) : undefined]);
  return given.map(
    ([name, words]) =>
      words && (
        <Button
          key={name}
          small
          variant="quiet"
          icon={X}
          onClick={() => onDrop(name)}
          aria-label={`Only ${words}; show all again`}
        >
          only {words}
        </Button>
      ),
  );
}

/** Where the rows behind a row are. */
const BEHIND: Partial<Record<EffortKey, { filter: "phase" | "person" | "video"; by: EffortKey }>> = {
  phase: { filter: "phase", by: "week" },
  person: { filter: "person", by: "week" },
  video: { filter: "video", by: "person" },
};

function Drill({ row, by, query }: { row: EffortRow; by: EffortKey; query: EffortQuery }): ReactNode {
  const behind = BEHIND[by];
  if (!behind || query[behind.filter] !== undefined) return row.label;
  const given = { ...query, [behind.filter]: row.key, by: behind.by };
  const search = new URLSearchParams(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  return (
    <Link to={`?${search}`} className={styles.drill} title={`By ${behind.by}`}>
      {row.label}
    </Link>
  );
}

function Totals({
  effort: { by, rows, total, paper },
  phase,
}: {
  effort: Effort;
  phase: number | undefined;
}) {
  if (!total) return null;
  // Only what was all done in one phase compares with one of the paper's rows.
  const only = phase ?? (by === "phase" && rows.length === 1 ? Number(rows[0].key) : undefined);
  const theirs = paper.find((row) => row.phase === only);
  const beside = (words: (row: PaperRow) => string) =>
    theirs && `the paper’s, phase ${only}: ${words(theirs)}`;
  return (
    <Figures
      label="All of it"
      figures={[
        {
          label: "Time per frame",
          value: frameTime(total.seconds_per_frame),
          note: beside((row) => frameTime(row.seconds_per_frame)),
        },
        {
          label: "Edited frames",
          value: share(total.edited_frames_share, 1),
          note: beside((row) => share(row.edited_frames_share, 2)),
        },
        {
          label: "Clicks per clicked frame",
          value: clicks(total.clicks_per_clicked_frame),
          note: beside((row) => clicks(row.clicks_per_clicked_frame)),
        },
        {
          label: "Masklets",
          value: <Link to="../masklets">{total.masklets.toLocaleString("en")}</Link>,
          note: `${total.frames.toLocaleString("en")} frames, ${formatSpan(total.active_seconds)} of work`,
        },
      ]}
    />
  );
}

function Plots({ effort, phase }: { effort: Effort; phase: number | undefined }) {
  const rows = drawn(effort);
  const [times, waits] = [timeBars(rows, effort, phase), waitBars(rows)];
  if (times.length === 0 && waits.length === 0) return null;
  const by = WORDS[effort.by].toLowerCase();
  const note =
    effort.rows.length > SHOWN
      ? `${effort.by === "week" ? `The last ${SHOWN} weeks` : `The ${SHOWN} with the most work`} of ${effort.rows.length}; the table has all.`
      : undefined;
  return (
    <div className={styles.plots}>
      {times.length > 0 && (
        <BarPlot
          title={`Time per frame by ${by}`}
          description={described(times)}
          parts={["time per frame"]}
          mark="the paper’s"
          bars={times}
          note={note}
        />
      )}
      {waits.length > 0 && (
        <BarPlot
          title={`Work and waiting by ${by}`}
          description={described(waits)}
          parts={["active", "waiting for the model"]}
          bars={waits}
          note={note}
        />
      )}
      <details className={styles.more}>
        <summary>More numbers</summary>
        <Table
          caption={`Time and interactions by ${by}`}
          columns={[
            { name: WORDS[effort.by], header: WORDS[effort.by], cell: ({ label }) => label },
            ...MORE,
          ]}
          rows={effort.rows}
          rowKey={({ key }) => key}
        />
      </details>
    </div>
  );
}

const count = (header: string, value: (row: EffortRow) => number): Column<EffortRow> => ({
  name: header,
  header,
  numeric: true,
  cell: (row) => value(row).toLocaleString("en"),
});

const MORE: Column<EffortRow>[] = [
  { name: "Active", header: "Active", numeric: true, cell: (row) => formatSpan(row.active_seconds) },
  {
    name: "Waiting",
    header: "Waiting for the model",
    numeric: true,
    cell: (row) => formatSpan(row.wait_seconds),
  },
  count("Clicks", (row) => row.clicks),
  count("Clicked frames", (row) => row.clicked_frames),
  count("Boxes", (row) => row.boxes),
  count("Painted masks", (row) => row.masks),
  count("Strokes", (row) => row.strokes),
];

const NAMES: Record<string, string> = {
  seconds_per_frame: "Time per frame",
  edited_frames_share: "Edited frames",
  clicks_per_clicked_frame: "Clicks per clicked frame",
  alignment: "Phase 1 mask alignment",
  wait_seconds: "Waiting for the model",
  active_seconds: "Active time",
};

function Definitions({ definitions }: { definitions: Record<string, string> }) {
  return (
    <section className={styles.definitions} aria-labelledby="how-measured">
      <h2 id="how-measured" className={styles.heading}>
        How it is measured
      </h2>
      <dl>
        {Object.entries(definitions).map(([column, sentence]) => (
          <div key={column}>
            <dt>{NAMES[column] ?? inWords(column)}</dt>
            <dd>{sentence}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** "clicked_frames" → "Clicked frames". */
const inWords = (column: string) => (column.charAt(0).toUpperCase() + column.slice(1)).replaceAll("_", " ");
