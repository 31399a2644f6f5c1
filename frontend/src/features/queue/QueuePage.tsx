import { useQuery } from "@tanstack/react-query";
import { ListOrdered, Lock, RotateCcw, Sparkles, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { keys } from "@/api/keys";
import { PHASES, type Band, type Project, type Queue, type QueueRow } from "@/api/models";
import { annotationQueue } from "@/api/queue";
import { formatSpan, plural } from "@/lib/format";
import { useAddress } from "@/lib/useAddress";
import { colourOf } from "@/masks/colours";
import {
  Button,
  ButtonLink,
  Chip,
  EmptyState,
  Fetched,
  Figures,
  FilterChips,
  Section,
  Table,
  Thumbnail,
  type Column,
  type Tone,
} from "@/ui";

import { BANDS, fits, wantedFrom } from "./filters";
import { PeopleStrip } from "./PeopleStrip";
import { Priority } from "./Priority";
import styles from "./QueuePage.module.css";
import { TakeBackDialog, type Taking } from "./TakeBackDialog";
import { Assignee } from "./Assignee";

const REFRESH_MS = 10_000;

/** Who works on what, and what waits: for owners. */
export function QueuePage({ project }: { project: Project }) {
  if (!project.roles.includes("owner"))
    return (
      <EmptyState
        icon={Lock}
        title="The queue is the owners’"
        action={<ButtonLink to="..">Go to the videos</ButtonLink>}
      >
        Only owners of this project see who works on what. “Annotate next” on the first page hands you what
        comes first for you.
      </EmptyState>
    );
  return <OwnersQueue project={project} />;
}

function OwnersQueue({ project }: { project: Project }) {
  const { params, set, replace } = useAddress();
  const [taking, setTaking] = useState<Taking | null>(null);
  const wanted = wantedFrom(params);
  const { data, error, refetch } = useQuery({
    queryKey: keys.queue(project.id),
    queryFn: () => annotationQueue(project.id),
    refetchInterval: REFRESH_MS,
  });
  const rows = data?.rows.filter((row) => fits(row, wanted));

  return (
    <Section title="Queue" level={1}>
      <Fetched what="the queue" error={error} there={data !== undefined} onRetry={() => void refetch()} />
      {data && (
        <>
          <Numbers queue={data} />
          <PeopleStrip
            people={data.people}
            chosen={wanted.person}
            onChoose={(person) => set("person", person)}
          />
          <div className={styles.filters}>
            <FilterChips
              label="Kind"
              options={BANDS}
              value={wanted.band}
              onChange={(value) => set("band", value)}
            />
            <FilterChips
              label="Phase"
              options={PHASES.map((phase) => ({ value: String(phase), label: `Phase ${phase}` }))}
              value={wanted.phase?.toString()}
              onChange={(value) => set("phase", value)}
            />
          </div>
        </>
      )}
      {data?.rows.length === 0 && (
        <EmptyState
          icon={ListOrdered}
          title="Nothing waits and nobody is at work"
          action={<ButtonLink to="..">Go to the videos</ButtonLink>}
        >
          Objects that annotators add to a video, and those that reviewers send back, queue up here.
        </EmptyState>
      )}
      {data && data.rows.length > 0 && rows?.length === 0 && (
        <EmptyState
          title="Nothing in the queue fits these filters"
          action={<Button onClick={() => replace({})}>Show all</Button>}
        />
      )}
      {data && rows && rows.length > 0 && (
        <Table
          caption="The annotators’ queue: what is held, then what waits, in its order"
          columns={columns(project, data, setTaking)}
          rows={rows}
          rowKey={({ masklet }) => masklet}
        />
      )}
      {data && data.rows.length < data.waiting + data.held && (
        <p className={styles.quiet}>
          These are the first {data.rows.length} of {plural(data.waiting + data.held, "masklet")}.
        </p>
      )}
      {taking && (
        <TakeBackDialog
          project={project.id}
          people={data?.people ?? []}
          taking={taking}
          onClose={() => setTaking(null)}
        />
      )}
    </Section>
  );
}

function Numbers({ queue: { waiting, held, oldest_seconds: oldest, people } }: { queue: Queue }) {
  const today = people.reduce((sum, { submitted_today: count }) => sum + count, 0);
  return (
    <Figures
      label="The queue in numbers"
      figures={[
        { label: "Waiting", value: waiting.toLocaleString("en") },
        { label: "In work", value: held.toLocaleString("en") },
        { label: "Waits longest", value: oldest === null ? "–" : formatSpan(oldest) },
        { label: "Submitted today", value: today.toLocaleString("en") },
      ]}
    />
  );
}

const LOOKS: Record<Band, { tone: Tone; icon: typeof RotateCcw }> = {
  refinement: { tone: "doubt", icon: RotateCcw },
  doubtful: { tone: "doubt", icon: TriangleAlert },
  new: { tone: "quiet", icon: Sparkles },
};

const columns = (project: Project, { people }: Queue, take: (taking: Taking) => void): Column<QueueRow>[] => [
  {
    name: "Object",
    header: "Object",
    wide: true,
    cell: ({ thumbnail_url, video, video_name, object_id, label, trial }) => (
      <span className={styles.object}>
        <Thumbnail url={thumbnail_url} />
        <span className={styles.names}>
          <Link to={`/videos/${video}`} className={styles.video}>
            {video_name}
          </Link>
          <span className={styles.label}>
            <span className={styles.swatch} style={{ background: colourOf(object_id) }} aria-hidden />
            <span>
              {object_id}
              {label && ` ${label}`}
            </span>
            {trial && <span className={styles.quiet}>experiment</span>}
          </span>
        </span>
      </span>
    ),
  },
  { name: "Phase", header: "Phase", numeric: true, cell: ({ phase }) => phase },
  {
    name: "Kind",
    header: "Kind",
    cell: ({ band }) => (
      <Chip tone={LOOKS[band].tone} icon={LOOKS[band].icon}>
        {BANDS.find(({ value }) => value === band)?.label}
      </Chip>
    ),
  },
  {
    name: "Doubt",
    header: "Doubt",
    numeric: true,
    cell: ({ doubt }) =>
      doubt > 0 ? (
        <span title={`About ${Math.round(100 * doubt)} % of its masks are expected to be wrong`}>
          {Math.round(100 * doubt)} %
        </span>
      ) : (
        <span className={styles.quiet}>none</span>
      ),
  },
  { name: "Age", header: "Age", cell: (row) => <Age row={row} /> },
  {
    name: "Whose",
    header: "Whose",
    cell: (row) => <Assignee project={project.id} row={row} people={people} onTake={take} />,
  },
  { name: "Priority", header: "Priority", cell: (row) => <Priority project={project.id} row={row} /> },
];

function Age({
  row: { held_by: holder, held_seconds: held, waiting_seconds: waiting, job },
}: {
  row: QueueRow;
}) {
  if (holder !== null)
    return (
      <span>
        {job === "selection" ? "being chosen" : "in work"}
        {held !== null && ` for ${formatSpan(held)}`}
      </span>
    );
  return waiting === null ? null : <span className={styles.quiet}>waits {formatSpan(waiting)}</span>;
}
