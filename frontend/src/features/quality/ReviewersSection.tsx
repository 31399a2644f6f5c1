import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Id, ReviewerRecord } from "@/api/models";
import { letIn, listReviewers } from "@/api/verification";
import { plural } from "@/lib/format";
import { Button, ErrorNote, Section } from "@/ui";

import { IntervalPlot } from "./IntervalPlot";
import styles from "./QualityPage.module.css";

/** How reviewers answer where the answer is known. */
export function ReviewersSection({ project }: { project: Id }) {
  const key = [...keys.quality(project), "reviewers"];
  const { data } = useQuery({ queryKey: key, queryFn: () => listReviewers(project) });
  if (!data) return null;
  const paused = data.filter(({ paused: is }) => is);
  return (
    <Section title="Known answers">
      {data.length === 0 ? (
        <p className={styles.quiet}>
          No reviewer has met a known answer yet. Mark accepted masklets as gold, and set in the settings how
          often they are mixed in.
        </p>
      ) : (
        <div className={styles.plots}>
          <IntervalPlot
            title="Caught, of what was made wrong"
            rows={data.map((row) => rowOf(row, "sensitivity"))}
          />
          <IntervalPlot
            title="Passed, of what is right"
            rows={data.map((row) => rowOf(row, "specificity"))}
          />
        </div>
      )}
      {paused.map((row) => (
        <Paused key={row.username} project={project} row={row} queryKey={key} />
      ))}
    </Section>
  );
}

const rowOf = (row: ReviewerRecord, figure: "sensitivity" | "specificity") => ({
  key: row.paused ? `${row.username} (paused)` : row.username,
  estimate: row[figure],
  note: plural(row[figure].of, "answer"),
});

function Paused({
  project,
  row,
  queryKey,
}: {
  project: Id;
  row: ReviewerRecord;
  queryKey: readonly unknown[];
}) {
  const client = useQueryClient();
  const open = useMutation({
    mutationFn: () => letIn(project, row.username),
    onSuccess: () => client.invalidateQueries({ queryKey }),
  });
  return (
    <div className={styles.row}>
      <span>
        <strong>{row.username}</strong> is paused after {plural(row.answers, "known answer")}, and reads why.
      </span>
      <Button small busy={open.isPending && "Letting in"} onClick={() => open.mutate()}>
        Let review again
      </Button>
      {open.error && <ErrorNote error={open.error} />}
    </div>
  );
}
