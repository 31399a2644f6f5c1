import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ScanEye, Sparkles } from "lucide-react";

import { keys } from "@/api/keys";
import type { PreverifierReport, Project } from "@/api/models";
import { fitPreverifier, preverifierReport } from "@/api/preverifier";
import { Button, EmptyState, ErrorNote, Figures, Section, Working, useActions } from "@/ui";

import { Automatic } from "./Automatic";
import { Evidence } from "./Evidence";
import styles from "./PreverifierPage.module.css";
import { Versions } from "./Versions";
import { percent } from "./words";

/** What looks at submitted masklets before people do: how good it is, and what it may decide. */
export function PreverifierPage({ project }: { project: Project }) {
  const client = useQueryClient();
  const queryKey = keys.preverifier(project.id);
  const report = useQuery({ queryKey, queryFn: () => preverifierReport(project.id) });
  const fit = useMutation({
    mutationFn: () => fitPreverifier(project.id, crypto.randomUUID()),
    onSettled: () => client.invalidateQueries({ queryKey: keys.runs }),
  });
  const { data, error } = report;
  const reason = whyNoFit(project, data);
  useActions([
    {
      name: "fit-preverifier",
      label: "Fit a new version",
      keys: ["N"],
      group: "Pre-verifier",
      disabled: reason,
      perform: () => fit.mutate(),
    },
  ]);
  return (
    <Section
      title="Pre-verifier"
      level={1}
      actions={
        <Button
          icon={Sparkles}
          shortcut="N"
          onClick={() => fit.mutate()}
          disabledReason={reason}
          busy={fit.isPending && "Asking"}
        >
          Fit a new version
        </Button>
      }
    >
      {error && (
        <ErrorNote title="The figures could not be loaded" error={error}>
          <Button small onClick={() => void report.refetch()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {fit.error && <ErrorNote title="No version is being fitted" error={fit.error} />}
      {fit.isSuccess && (
        <p role="status" className={styles.quiet}>
          A version is being fitted. It is used once it proves better; the page Runs tells how far it is.
        </p>
      )}
      {!data && !error && <Working fill>Adding up what people said</Working>}
      {data && <Report project={project} report={data} />}
    </Section>
  );
}

function Report({ project, report }: { project: Project; report: PreverifierReport }) {
  return (
    <div className={styles.report}>
      <Figures label="The pre-verifier in numbers" figures={figures(report)} />
      {report.verdicts === 0 ? (
        <EmptyState icon={ScanEye} title="Nobody has judged what it looked at yet">
          It looks at every masklet that is submitted, and sorts the reviewers’ queue by what it finds. As
          soon as reviewers give their verdicts, how often it was right stands here.
        </EmptyState>
      ) : (
        <Evidence report={report} />
      )}
      <Automatic project={project} report={report} />
      <Versions report={report} />
    </div>
  );
}

const figures = ({
  auc,
  calibration_error,
  verdicts,
  unsatisfactory,
  passed,
  returned,
  people,
}: PreverifierReport) => [
  { label: "Tells wrong from right", value: auc?.toFixed(3) ?? "–", note: "AUC; 0.5 is a guess" },
  {
    label: "Off by",
    value: calibration_error === null ? "–" : percent(calibration_error, 1),
    note: "its chances, on average",
  },
  { label: "Judged by people", value: verdicts, note: `${unsatisfactory} not satisfactory` },
  { label: "Passed without people", value: passed, note: `${people} more drawn for people` },
  { label: "Returned without people", value: returned, note: "to the annotators" },
];

function whyNoFit(project: Project, report: PreverifierReport | undefined): string | undefined {
  if (!project.roles.includes("owner")) return "Only owners of this project fit a version. Ask one of them.";
  if (report && report.judged < report.fewest_verdicts) {
    return `A version is fitted on ${report.fewest_verdicts} verdicts or more; there are ${report.judged}.`;
  }
  return undefined;
}
