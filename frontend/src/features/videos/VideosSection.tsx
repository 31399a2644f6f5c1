import { useQueryClient } from "@tanstack/react-query";
import { Film } from "lucide-react";
import { useState } from "react";

import { keys } from "@/api/keys";
import type { Id, Project } from "@/api/models";
import { usePages } from "@/api/usePages";
import { listVideos } from "@/api/videos";
import { useAddress } from "@/lib/useAddress";
import { Button, EmptyState, Fetched, Section } from "@/ui";

import { ChosenBar } from "./ChosenBar";
import { DropZone } from "./DropZone";
import { useUpload } from "./UploadControl";
import { UploadTray } from "./UploadTray";
import { VIDEO_STATUSES, VideoFilters } from "./VideoFilters";
import { VideosTable } from "./VideosTable";
import { isWorking } from "./working";

/** The videos of a project: bringing them, finding them, saying something of many at once. */
export function VideosSection({ project }: { project: Project }) {
  const client = useQueryClient();
  const { params, set, replace } = useAddress();
  const status = VIDEO_STATUSES.find((known) => known === params.get("status"));
  const wanted = params.get("name") ?? "";
  const [ticked, setTicked] = useState<ReadonlySet<Id>>(new Set());
  const { rows, error, refetch, more, fetchingMore } = usePages(
    [...keys.videos, { project: project.id, status, wanted }],
    () => listVideos({ project: project.id, status, name: wanted || undefined }),
    { poll: (videos) => (videos.some(isWorking) ? 4000 : false) },
  );
  const refresh = () => {
    void client.invalidateQueries({ queryKey: keys.videos });
    void client.invalidateQueries({ queryKey: keys.project(project.id) });
  };
  const mayUpload = project.roles.includes("owner");
  const upload = useUpload(project);
  // What a filter hides is not meant.
  const chosen = rows?.filter(({ id }) => ticked.has(id)) ?? [];
  const tick = (ids: readonly Id[], on: boolean) =>
    setTicked((before) => new Set(on ? [...before, ...ids] : [...before].filter((id) => !ids.includes(id))));
  const empty = rows?.length === 0 && status === undefined && wanted === "";
  const busy = project.counts.to_annotate > 0 || (project.counts.to_verify ?? 1) > 0;
  const button = upload.button(empty && !busy);
  return (
    <Section title="Videos" actions={empty ? undefined : button}>
      {upload.field}
      {mayUpload && <DropZone name={project.name} onFiles={upload.take} />}
      <UploadTray project={project.id} />
      {chosen.length > 0 && (
        <ChosenBar project={project} videos={chosen} onDone={() => setTicked(new Set())} />
      )}
      {!empty && chosen.length === 0 && <VideoFilters status={status} wanted={wanted} onChange={set} />}
      <Fetched what="the videos" error={error} there={rows !== undefined} onRetry={refetch} />
      {empty && (
        <EmptyState icon={Film} title="No videos yet" action={button}>
          {mayUpload
            ? "Drop video files anywhere on this page, or choose them. Each is cut into frames, then you add objects to it."
            : "An owner of this project has to upload the first one."}
        </EmptyState>
      )}
      {!empty && rows?.length === 0 && (
        <EmptyState
          title="No video fits these filters"
          action={<Button onClick={() => replace({})}>Show all</Button>}
        />
      )}
      {rows && rows.length > 0 && (
        <VideosTable
          {...{ project, rows, more, fetchingMore }}
          chosen={mayUpload ? chosen : null}
          onTick={tick}
          onEnd={refresh}
        />
      )}
    </Section>
  );
}
