import { useSuspenseQuery } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { NavLink, Outlet, useOutletContext } from "react-router";

import { keys } from "@/api/keys";
import type { Project } from "@/api/models";
import { getProject } from "@/api/projects";
import { DamageNote } from "@/features/damages/DamageNote";
import { useIdParam } from "@/lib/useIdParam";
import { useTitle } from "@/lib/useTitle";
import { Page, PageBar } from "@/ui";

import styles from "./ProjectLayout.module.css";

const TABS: { to: string; label: string; ownersOnly?: boolean }[] = [
  { to: ".", label: "Videos" },
  { to: "masklets", label: "Masklets" },
  { to: "candidates", label: "Candidates" },
  { to: "queue", label: "Queue", ownersOnly: true },
  { to: "effort", label: "Effort" },
  { to: "quality", label: "Quality", ownersOnly: true },
  { to: "experiments", label: "Experiments", ownersOnly: true },
  { to: "imports", label: "Imports", ownersOnly: true },
  { to: "releases", label: "Releases" },
  { to: "checkpoints", label: "Checkpoints" },
  { to: "preverifier", label: "Pre-verifier", ownersOnly: true },
  { to: "runs", label: "Runs" },
  { to: "members", label: "Members" },
  { to: "tokens", label: "Tokens" },
  { to: "audit", label: "Audit", ownersOnly: true },
  { to: "settings", label: "Settings", ownersOnly: true },
];

export function ProjectLayout() {
  const id = useIdParam("projectId");
  const { data: project } = useSuspenseQuery({ queryKey: keys.project(id), queryFn: () => getProject(id) });
  useTitle(project.name);
  const isOwner = project.roles.includes("owner");
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: project.name }]}>
        <span>phase {project.phase}</span>
        <span>
          {project.fps} fps, every {ordinal(project.annotate_every)} frame annotated
        </span>
      </PageBar>
      <nav className={styles.tabs} aria-label="Project">
        {TABS.filter(({ ownersOnly }) => isOwner || !ownersOnly).map(({ to, label }) => (
          <NavLink key={to} to={to} end={to === "."}>
            {label}
          </NavLink>
        ))}
      </nav>
      <Page>
        {isOwner && <DamageNote project={id} />}
        <Outlet context={project} />
      </Page>
    </>
  );
}

/** A route that shows `Inner` for the project of the address. */
export function withProject(Inner: ComponentType<{ project: Project }>) {
  return <ForProject Inner={Inner} />;
}

function ForProject({ Inner }: { Inner: ComponentType<{ project: Project }> }) {
  return <Inner project={useOutletContext<Project>()} />;
}

const ordinal = (n: number) => (n === 1 ? "" : n === 2 ? "2nd" : n === 3 ? "3rd" : `${n}th`);
