import { PackagePlus } from "lucide-react";

import { listImports } from "@/api/imports";
import { keys } from "@/api/keys";
import type { Project } from "@/api/models";
import { usePages } from "@/api/usePages";
import { Button, EmptyState, ErrorNote, Section, Working } from "@/ui";

import { ImportCard } from "./ImportCard";
import { SendForm } from "./SendForm";

/** Datasets that come in as archives. */
export function ImportsPage({ project }: { project: Project }) {
  const { rows, error, refetch, more, fetchingMore } = usePages(
    keys.imports(project.id),
    () => listImports(project.id),
    { poll: (imports) => (imports.some(({ status }) => status === "reading") ? 3000 : false) },
  );
  return (
    <Section title="Imports" level={1}>
      <SendForm project={project.id} />
      {error && (
        <ErrorNote title="The imports could not be loaded" error={error}>
          <Button small onClick={refetch}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!rows && !error && <Working fill>Loading the imports</Working>}
      {rows?.length === 0 && (
        <EmptyState icon={PackagePlus} title="Nothing was brought in yet">
          A ZIP of SA-V, DAVIS, YouTube-VOS, MOSE, COCO, MOTS, CVAT and others, or of numbered pictures. Its
          videos are found by their file or name, or made of its pictures; what does not fit is told before
          anything is written.
        </EmptyState>
      )}
      {rows?.map((row) => (
        <ImportCard key={row.id} row={row} project={project.id} />
      ))}
      {more && (
        <Button variant="quiet" onClick={more} busy={fetchingMore && "Loading more"}>
          Show more
        </Button>
      )}
    </Section>
  );
}
