import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";

import { getExperiment } from "@/api/experiments";
import { keys } from "@/api/keys";
import type { Arm, Experiment, Project } from "@/api/models";
import { formatMoment, plural } from "@/lib/format";
import { useIdParam } from "@/lib/useIdParam";
import { Button, ButtonLink, EffortTable, ErrorNote, Progress, Section, Working } from "@/ui";

import styles from "./ExperimentPage.module.css";
import { OwnersOnly } from "./ExperimentsPage";

const REFRESH_MS = 15_000;

export function ExperimentPage({ project }: { project: Project }) {
  return project.roles.includes("owner") ? <OwnersExperiment /> : <OwnersOnly />;
}

function OwnersExperiment() {
  const id = useIdParam("experimentId");
  const { data, error, refetch } = useQuery({
    queryKey: [...keys.experiments, id],
    queryFn: () => getExperiment(id),
    refetchInterval: ({ state }) => (state.data && !ended(state.data) ? REFRESH_MS : false),
  });
  return (
    <Section
      title={data?.name ?? "Experiment"}
      level={1}
      actions={
        <ButtonLink variant="quiet" icon={ArrowLeft} to="../experiments">
          All experiments
        </ButtonLink>
      }
    >
      {error && (
        <ErrorNote title="The experiment could not be loaded" error={error}>
          <Button small onClick={() => void refetch()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!data && !error && <Working fill>Loading the experiment</Working>}
      {data && <Report experiment={data} />}
    </Section>
  );
}

const ended = ({ arms }: Experiment) =>
  arms.every(({ submitted, masklets }) => submitted === masklets.length);

function Report({ experiment }: { experiment: Experiment }) {
  const { arms, objects, created_at, paper, definitions } = experiment;
  const rows = arms.flatMap(({ row, phase }) =>
    row ? [{ ...row, key: String(phase), label: `Phase ${phase}` }] : [],
  );
  return (
    <>
      <p className={styles.quiet}>
        {plural(objects, "object")}, begun <time dateTime={created_at}>{formatMoment(created_at)}</time>.{" "}
        {ended(experiment)
          ? "All of it is submitted."
          : "The figures grow with what is submitted; masks are compared once phase 1 has the object too."}
      </p>
      <div className={styles.arms}>
        {arms.map((arm) => (
          <ArmCard key={arm.phase} arm={arm} />
        ))}
      </div>
      <h2 className={styles.heading}>Table 1, beside the paper’s</h2>
      <EffortTable
        caption="The experiment by phase, each beside the paper’s figures"
        of="Phase"
        rows={rows}
        paper={paper}
        definitions={definitions}
      />
    </>
  );
}

function ArmCard({ arm: { phase, people, masklets, submitted } }: { arm: Arm }) {
  const left = masklets.length - submitted;
  return (
    <article className={styles.arm} aria-label={`Phase ${phase}`}>
      <h2 className={styles.phase}>Phase {phase}</h2>
      <Progress
        label={left === 0 ? "All submitted" : `${plural(left, "masklet")} left of ${masklets.length}`}
        done={submitted}
        total={masklets.length}
        unit="masklets submitted"
        tone={left === 0 ? "good" : "accent"}
      />
      <p className={styles.quiet}>{people.join(", ")}</p>
    </article>
  );
}
