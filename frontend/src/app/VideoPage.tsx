import { useSuspenseQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import { getProject } from "@/api/projects";
import { getVideo } from "@/api/videos";
import { MaskletsSection } from "@/features/masklets/MaskletsSection";
import { VideoInDatasets } from "@/features/videos/VideoInDatasets";
import { VideoOverview } from "@/features/videos/VideoOverview";
import { useIdParam } from "@/lib/useIdParam";
import { useTitle } from "@/lib/useTitle";
import { Page, PageBar } from "@/ui";

export function VideoPage() {
  const id = useIdParam("videoId");
  const { data: video } = useSuspenseQuery({ queryKey: keys.video(id), queryFn: () => getVideo(id) });
  const { data: project } = useSuspenseQuery({
    queryKey: keys.project(video.project),
    queryFn: () => getProject(video.project),
  });
  useTitle(video.name);
  const isOwner = project.roles.includes("owner");
  return (
    <>
      <PageBar
        trail={[
          { label: "Projects", to: "/" },
          { label: project.name, to: `/projects/${project.id}` },
          { label: video.name },
        ]}
      />
      <Page>
        <VideoOverview video={video} isOwner={isOwner} />
        {video.status === "ready" && <MaskletsSection project={project} video={video} />}
        {video.status === "ready" && <VideoInDatasets video={video} isOwner={isOwner} />}
      </Page>
    </>
  );
}
