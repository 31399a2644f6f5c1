import type { Project } from "@/api/models";
import { MaskletsSection } from "@/features/masklets/MaskletsSection";

export function ProjectMasklets({ project }: { project: Project }) {
  return <MaskletsSection project={project} />;
}
