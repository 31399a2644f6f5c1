import { useQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import { getProject } from "@/api/projects";
import type { Video } from "@/api/models";
import { PageBar, Tooltip } from "@/ui";

import type { Desk } from "./desk";
import { savedState } from "./savedState";
import { SaveStatus } from "./SaveStatus";
import { TodaysPace } from "./TodaysPace";
import { useCheckpoint } from "./useCheckpoint";

/** Where one is, with what the masks are made, and whether all is saved. */
export function DeskBar({ desk, video, objects }: { desk: Desk; video: Video; objects: number }) {
  const { work, unsent, protocol } = desk;
  const { masklet } = work;
  const { data: project } = useQuery({
    queryKey: keys.project(masklet.project),
    queryFn: () => getProject(masklet.project),
  });
  const checkpoint = useCheckpoint(masklet.project);
  return (
    <PageBar
      aside={<TodaysPace project={masklet.project} />}
      trail={[
        { label: project?.name ?? "Project", to: `/projects/${masklet.project}` },
        { label: video.name, to: `/videos/${video.id}` },
        {
          label: `object ${masklet.object_id}${objects > 1 && masklet.object_id <= objects ? ` of ${objects}` : ""}`,
        },
      ]}
    >
      <span>
        phase {masklet.phase}
        {protocol && (
          <Tooltip text={protocol.summary}>
            <span>: {protocol.name}</span>
          </Tooltip>
        )}
      </span>
      {checkpoint && <span>{checkpoint.name}</span>}
      <SaveStatus state={savedState(work, unsent)} />
    </PageBar>
  );
}
