import { useQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Review } from "@/api/models";
import { getProject } from "@/api/projects";
import { Chip, PageBar } from "@/ui";

/** Where one is. The masklet itself is not named: a verdict is about what one sees. */
export function ReviewBar({ review, again, online }: { review: Review; again: boolean; online: boolean }) {
  const { data: project } = useQuery({
    queryKey: keys.project(review.project),
    queryFn: () => getProject(review.project),
  });
  return (
    <PageBar
      trail={[
        { label: project?.name ?? "Project", to: `/projects/${review.project}` },
        { label: review.video_name, to: `/videos/${review.video}` },
        { label: review.label || "one object" },
      ]}
    >
      <span>review{again && " · came back after refinement"}</span>
      {!online && <Chip tone="doubt">Offline, trying again</Chip>}
    </PageBar>
  );
}
