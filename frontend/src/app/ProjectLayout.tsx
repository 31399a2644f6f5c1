import { useSuspenseQuery } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { Outlet, useOutletContext } from "react-router";

import { keys } from "@/api/keys";
import type { Project } from "@/api/models";
import { getProject } from "@/api/projects";
import { DamageNote } from "@/features/damages/DamageNote";
import { useIdParam } from "@/lib/useIdParam";
import { useTitle } from "@/lib/useTitle";
import { Page, PageBar } from "@/ui";

import styles from "./ProjectLayout.module.css";
import { ProjectNav } from "./ProjectNav";

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
      <div className={styles.layout}>
        <ProjectNav isOwner={isOwner} />
        <div className={styles.content}>
          <Page>
            {isOwner && <DamageNote project={id} />}
            <Outlet context={project} />
          </Page>
        </div>
      </div>
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
