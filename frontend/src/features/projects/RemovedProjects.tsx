import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";

import { listRemovedProjects, restoreProject } from "@/api/bin";
import { keys } from "@/api/keys";
import type { BinnedProject } from "@/api/models";
import { daysLeft, formatMoment } from "@/lib/format";
import { Button, ErrorNote, Section, Table, type Column } from "@/ui";

import styles from "./ProjectsPage.module.css";

/** Projects of one's own in the bin; nothing where there are none. */
export function RemovedProjects() {
  const { data, error, refetch } = useQuery({ queryKey: keys.removedProjects, queryFn: listRemovedProjects });
  if (error)
    return (
      <ErrorNote title="The bin could not be loaded" error={error}>
        <Button small onClick={() => void refetch()}>
          Try again
        </Button>
      </ErrorNote>
    );
  if (!data?.length) return null;
  return (
    <Section title="In the bin">
      <Table caption="Removed projects" columns={COLUMNS} rows={data} rowKey={({ id }) => id} />
    </Section>
  );
}

const COLUMNS: Column<BinnedProject>[] = [
  { name: "Project", header: "Project", wide: true, cell: ({ name }) => name },
  {
    name: "Left",
    header: "Can come back for",
    cell: ({ emptied_on }) => (
      <time dateTime={emptied_on} title={`Until ${formatMoment(emptied_on)}`}>
        {daysLeft(emptied_on)}
      </time>
    ),
  },
  { name: "Restore", cell: (project) => <Restore project={project} /> },
];

function Restore({ project }: { project: BinnedProject }) {
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => restoreProject(project.id),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.removedProjects }),
        client.invalidateQueries({ queryKey: keys.projects }),
      ]),
  });
  return (
    <>
      {restore.error && (
        <span role="alert" className={styles.failed}>
          {restore.error.message}
        </span>
      )}
      <Button
        small
        icon={RotateCcw}
        aria-label={`Restore ${project.name}`}
        onClick={() => restore.mutate()}
        busy={restore.isPending && "Restoring"}
      >
        Restore
      </Button>
    </>
  );
}
