import { FlaskConical, Lock, Plus } from "lucide-react";
import { Link, useSearchParams } from "react-router";

import { listExperiments } from "@/api/experiments";
import { keys } from "@/api/keys";
import { PHASES, type Arm, type Experiment, type Project } from "@/api/models";
import { usePages } from "@/api/usePages";
import { formatAgo, formatMoment } from "@/lib/format";
import {
  Button,
  ButtonLink,
  EmptyState,
  ErrorNote,
  Progress,
  Section,
  Table,
  Working,
  useActions,
  type Column,
} from "@/ui";

import styles from "./ExperimentsPage.module.css";
import { NewExperimentDialog } from "./NewExperimentDialog";

/** Controlled experiments: the same objects annotated in each phase by different people. */
export function ExperimentsPage({ project }: { project: Project }) {
  return project.roles.includes("owner") ? <OwnersExperiments project={project} /> : <OwnersOnly />;
}

export function OwnersOnly() {
  return (
    <EmptyState
      icon={Lock}
      title="Experiments are the owners’"
      action={<ButtonLink to="..">Go to the videos</ButtonLink>}
    >
      Only owners of this project start experiments and read them. The objects of one that are yours to
      annotate come with “Annotate next”.
    </EmptyState>
  );
}

function OwnersExperiments({ project }: { project: Project }) {
  const [params, setParams] = useSearchParams();
  const { rows, error, refetch, more, fetchingMore } = usePages(
    [...keys.experiments, { project: project.id }],
    () => listExperiments(project.id),
  );
  const create = () => setParams({ new: "" });
  useActions([
    { name: "new-experiment", label: "New experiment", keys: ["N"], group: "Experiments", perform: create },
  ]);
  const button = (variant: "primary" | "secondary") => (
    <Button variant={variant} icon={Plus} shortcut="N" onClick={create}>
      New experiment
    </Button>
  );
  return (
    <Section title="Experiments" level={1} actions={rows?.length ? button("secondary") : undefined}>
      {error && (
        <ErrorNote title="The experiments could not be loaded" error={error}>
          <Button small onClick={refetch}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!rows && !error && <Working fill>Loading the experiments</Working>}
      {rows?.length === 0 && (
        <EmptyState icon={FlaskConical} title="No experiments yet" action={button("primary")}>
          An experiment has the same objects annotated in phase 1, 2 and 3 by three groups of people, and says
          what each phase costs and how well its masks agree: the paper’s Table 1, measured here. Its masklets
          are never released.
        </EmptyState>
      )}
      {rows && rows.length > 0 && (
        <Table
          caption="Experiments"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ id }) => id}
          more={more}
          fetchingMore={fetchingMore}
        />
      )}
      {params.has("new") && (
        <NewExperimentDialog project={project} onClose={() => setParams({}, { replace: true })} />
      )}
    </Section>
  );
}

const COLUMNS: Column<Experiment>[] = [
  {
    name: "Experiment",
    header: "Experiment",
    wide: true,
    cell: ({ id, name }) => (
      <Link to={String(id)} className={styles.name}>
        {name}
      </Link>
    ),
  },
  { name: "Objects", header: "Objects", numeric: true, cell: ({ objects }) => objects },
  ...PHASES.map((phase) => ({
    name: `Phase ${phase}`,
    header: `Phase ${phase}`,
    cell: ({ arms }: Experiment) => <Advance arm={arms.find((arm) => arm.phase === phase)} />,
  })),
  {
    name: "Begun",
    header: "Begun",
    cell: ({ created_at }) => (
      <time dateTime={created_at} title={formatMoment(created_at)} className={styles.quiet}>
        {formatAgo(created_at)}
      </time>
    ),
  },
];

function Advance({ arm }: { arm: Arm | undefined }) {
  if (!arm) return null;
  const { submitted, masklets } = arm;
  const done = submitted === masklets.length;
  return (
    <Progress
      label={`${submitted} of ${masklets.length}`}
      done={submitted}
      total={masklets.length}
      unit="masklets submitted"
      tone={done ? "good" : "accent"}
    />
  );
}
