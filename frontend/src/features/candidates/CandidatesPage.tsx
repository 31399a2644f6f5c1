import { Film } from "lucide-react";
import { useSearchParams } from "react-router";

import { keys } from "@/api/keys";
import type { Id, Project } from "@/api/models";
import { usePages } from "@/api/usePages";
import { listVideos } from "@/api/videos";
import { ButtonLink, EmptyState, ErrorNote, Section, Segments, Working } from "@/ui";

import { EstimateStrip } from "./EstimateStrip";
import { PolicyPanel } from "./PolicyPanel";
import { VideoCandidates } from "./VideoCandidates";
import { VideoStrip } from "./VideoStrip";
import { WeakPlaces } from "./WeakPlaces";

const PARTS = [
  { value: "gallery", label: "Gallery" },
  { value: "filter", label: "Filter" },
  { value: "weak", label: "Weak places" },
] as const;

/** What SAM 2 proposes by itself, what lets it through, and where it is weak. */
export function CandidatesPage({ project }: { project: Project }) {
  const [params, setParams] = useSearchParams();
  const part = PARTS.find(({ value }) => value === params.get("part"))?.value ?? "gallery";
  return (
    <Section
      title="Candidates"
      level={1}
      actions={
        <Segments
          label="Part"
          options={PARTS}
          value={part}
          onChange={(value) => setParams({ part: value }, { replace: true })}
        />
      }
    >
      {part === "gallery" && <VideoByVideo project={project} />}
      {part === "filter" && <PolicyPanel project={project} />}
      {part === "weak" && <WeakPlaces project={project} />}
    </Section>
  );
}

function VideoByVideo({ project }: { project: Project }) {
  const [params, setParams] = useSearchParams();
  const { rows, error, more } = usePages([...keys.videos, { project: project.id, status: "ready" }], () =>
    listVideos({ project: project.id, status: "ready" }),
  );
  if (error) return <ErrorNote title="The videos could not be loaded" error={error} />;
  if (!rows) return <Working fill>Loading the videos</Working>;
  if (rows.length === 0)
    return (
      <EmptyState
        icon={Film}
        title="No video is ready"
        action={<ButtonLink to={`/projects/${project.id}`}>Videos</ButtonLink>}
      >
        Upload one; once its frames are extracted SAM 2 can look for its objects.
      </EmptyState>
    );
  const video = rows.find(({ id }) => id === Number(params.get("video"))) ?? rows[0];
  const choose = (id: Id) => setParams({ video: String(id) }, { replace: true });
  return (
    <>
      <EstimateStrip project={project} />
      <VideoStrip videos={rows} chosen={video.id} onChoose={choose} more={more} />
      <VideoCandidates key={video.id} project={project} video={video} />
    </>
  );
}
