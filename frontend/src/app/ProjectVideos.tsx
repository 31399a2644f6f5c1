import type { Project } from "@/api/models";
import { WorkStrip } from "@/features/queue/WorkStrip";
import { VideosSection } from "@/features/videos/VideosSection";

/** The first page of a project: what to do next, and its videos. */
export function ProjectVideos({ project }: { project: Project }) {
  return (
    <>
      <WorkStrip project={project} />
      <VideosSection project={project} />
    </>
  );
}
