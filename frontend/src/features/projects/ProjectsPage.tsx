import { FolderPlus, Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { keys } from "@/api/keys";
import type { Project } from "@/api/models";
import { listProjects } from "@/api/projects";
import { usePages } from "@/api/usePages";
import { useTitle } from "@/lib/useTitle";
import {
  Button,
  EmptyState,
  ErrorNote,
  Page,
  PageBar,
  Section,
  Table,
  Working,
  useActions,
  type Column,
} from "@/ui";

import { Invited } from "./Invited";
import { NewProjectDialog } from "./NewProjectDialog";
import styles from "./ProjectsPage.module.css";
import { RemovedProjects } from "./RemovedProjects";

const COLUMNS: Column<Project>[] = [
  {
    name: "Project",
    header: "Project",
    wide: true,
    cell: (project) => (
      <>
        <Link to={`/projects/${project.id}`} className={styles.name}>
          {project.name}
        </Link>
        {project.description && <span className={styles.description}>{project.description}</span>}
      </>
    ),
  },
  { name: "Your roles", header: "Your roles", cell: ({ roles }) => roles.join(", ") },
  { name: "Phase", header: "Phase", numeric: true, cell: ({ phase }) => phase },
  { name: "Videos", header: "Videos", numeric: true, cell: ({ counts }) => counts.videos },
  { name: "To annotate", header: "To annotate", numeric: true, cell: ({ counts }) => counts.to_annotate },
  { name: "To verify", header: "To verify", numeric: true, cell: ({ counts }) => counts.to_verify ?? "" },
  { name: "Accepted", header: "Accepted", numeric: true, cell: ({ counts }) => counts.accepted ?? "" },
];

export function ProjectsPage() {
  const [creating, setCreating] = useState(false);
  const { rows, error, refetch, more, fetchingMore } = usePages(keys.projects, listProjects);
  useTitle(undefined);
  const create = () => setCreating(true);
  useActions([
    { name: "new-project", label: "New project", keys: ["N"], group: "Projects", perform: create },
  ]);
  const button = (
    <Button variant="primary" icon={Plus} onClick={create} shortcut="N">
      New project
    </Button>
  );
  return (
    <Page>
      <PageBar trail={[{ label: "Projects" }]} />
      <Section title="Projects" level={1} actions={rows?.length ? button : undefined}>
        <Invited />
        {error && (
          <ErrorNote error={error}>
            <Button small onClick={refetch}>
              Try again
            </Button>
          </ErrorNote>
        )}
        {!rows && !error && <Working fill>Loading the projects</Working>}
        {rows?.length === 0 && (
          <EmptyState icon={FolderPlus} title="No projects yet" action={button}>
            A project holds videos, the people who work on them, and the releases that come out. Make one, or
            ask an owner to invite you to theirs.
          </EmptyState>
        )}
        {rows && rows.length > 0 && (
          <Table
            caption="Projects"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ id }) => id}
            more={more}
            fetchingMore={fetchingMore}
          />
        )}
      </Section>
      <RemovedProjects />
      {creating && <NewProjectDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}
