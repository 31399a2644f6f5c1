import { useQuery } from "@tanstack/react-query";

import { listRemovedProjects, restoreProject } from "@/api/bin";
import { keys } from "@/api/keys";
import type { BinnedProject } from "@/api/models";
import { daysLeft, formatMoment } from "@/lib/format";
import { Button, ErrorNote, RestoreButton, Section, Table, type Column } from "@/ui";

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
  {
    name: "Restore",
    cell: ({ id, name }) => (
      <RestoreButton
        name={name}
        restore={() => restoreProject(id)}
        changes={[keys.removedProjects, keys.projects]}
      />
    ),
  },
];
