import { useQuery } from "@tanstack/react-query";
import { ScanSearch } from "lucide-react";
import { useCallback, useState } from "react";
import { useSearchParams } from "react-router";

import { getVideoGeneration, listCandidates } from "@/api/candidates";
import { keys } from "@/api/keys";
import type { Candidate, Id, Project, Video, VideoGeneration } from "@/api/models";
import { isLive } from "@/api/runs";
import { usePages } from "@/api/usePages";
import { Button, EmptyState, ErrorNote, FilterChips, LinePlot, useActions, Working } from "@/ui";

import { Cards } from "./Cards";
import { Decisions } from "./Decisions";
import { GenerationPanel } from "./GenerationPanel";
import { galleryActions } from "./actions";
import { Picture } from "./Picture";
import { Tracks } from "./Tracks";
import { useDecisions } from "./useDecisions";
import styles from "./VideoCandidates.module.css";
import { Why } from "./Why";
import { isIn, VIEWS, type View } from "./words";

const LIVE_MS = 3000;
/** Somebody else may have started it. */
const IDLE_MS = 15_000;

/** One video: how far SAM 2 has looked through it, and what it found. */
export function VideoCandidates({ project, video }: { project: Project; video: Video }) {
  const { data: generation, error } = useQuery({
    queryKey: [...keys.candidates, "video", video.id],
    queryFn: () => getVideoGeneration(video.id),
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? LIVE_MS : IDLE_MS),
  });
  const {
    rows,
    error: failed,
    refetch,
    more,
  } = usePages<Candidate>([...keys.candidates, "list", video.id], () => listCandidates({ video: video.id }), {
    poll: () => (isUnderWay(generation) ? LIVE_MS : false),
  });
  return (
    <div className={styles.video}>
      {error && <ErrorNote title="How far it is could not be loaded" error={error} />}
      {generation && <GenerationPanel project={project} video={video} generation={generation} />}
      {failed && (
        <ErrorNote title="The candidates could not be loaded" error={failed}>
          <Button small onClick={refetch}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!rows && !failed && <Working fill>Loading the candidates</Working>}
      {rows?.length === 0 && <NoCandidates looked={generation?.run?.status === "succeeded"} />}
      {rows && rows.length > 0 && (
        <Gallery
          project={project}
          video={video}
          candidates={rows}
          coverage={generation?.coverage ?? null}
          more={more}
        />
      )}
    </div>
  );
}

function NoCandidates({ looked }: { looked: boolean }) {
  return looked ? (
    <EmptyState icon={ScanSearch} title="SAM 2 found nothing in this video">
      No point that it asked gave a mask that it is sure of. A checkpoint that was trained on such footage
      finds more; what is there can be drawn by hand.
    </EmptyState>
  ) : (
    <EmptyState icon={ScanSearch} title="No candidates in this video">
      SAM 2 proposes masklets by itself: it looks at the first frame and at what nothing explains later,
      follows what it finds, and keeps what holds. Reviewers see only those.
    </EmptyState>
  );
}

const isUnderWay = (generation: VideoGeneration | undefined) =>
  generation?.run != null && isLive(generation.run.status);

interface GalleryProps {
  project: Project;
  video: Video;
  candidates: readonly Candidate[];
  coverage: VideoGeneration["coverage"];
  more: (() => void) | undefined;
}

function Gallery({ project, video, candidates, coverage, more }: GalleryProps) {
  const [params, setParams] = useSearchParams();
  const view = VIEWS.find(({ value }) => value === params.get("view"))?.value;
  const shown = candidates.filter((candidate) => isIn(candidate, view));
  const [looked, setFocused] = useState<Id | null>(null);
  const focused = shown.find(({ id }) => id === looked) ?? shown[0];
  const [ticked, setTicked] = useState<ReadonlySet<Id>>(new Set());
  const [frame, setFrame] = useState(focused?.first_frame ?? 0);
  const chosen = shown.filter(({ id }) => ticked.has(id));
  const decisions = useDecisions(project.id, () => setTicked(new Set()));
  // The same functions all along: of some hundred cards those alone are drawn anew that change.
  const focus = useCallback(
    ({ id, areas, first_frame: first }: Candidate) => {
      setFocused(id);
      setFrame((j) => (areas[j] ? j : first));
    },
    [setFrame],
  );
  const choose = useCallback((id: Id) => setTicked((before) => toggled(before, id)), []);
  const count = video.frame_count ?? 1;
  useActions(
    galleryActions({
      shown,
      focused: focused?.id ?? null,
      ticked,
      focus,
      tick: setTicked,
      moveFrame: (by) => setFrame((j) => Math.max(0, Math.min(count - 1, j + by))),
    }),
  );
  return (
    <>
      <div className={styles.top}>
        <div className={styles.left}>
          <Picture video={video} candidates={shown} focused={focused?.id ?? null} frame={frame} />
          <Tracks
            candidates={shown}
            frameCount={count}
            frame={frame}
            focused={focused?.id ?? null}
            onFocus={focus}
            onFrame={setFrame}
          />
          {focused && <Why candidate={focused} />}
        </div>
        {coverage && <Coverage coverage={coverage} />}
      </div>
      <FilterChips
        label="State"
        options={chips(candidates, more !== undefined)}
        value={view}
        onChange={(value) => setParams(withView(params, value), { replace: true })}
      />
      <Decisions
        project={project}
        meant={chosen.length > 0 ? chosen : focused ? [focused] : []}
        decisions={decisions}
      />
      {shown.length === 0 && <EmptyState title="No candidate is in this state" />}
      <Cards
        candidates={shown}
        thumbnail={video.thumbnail_url}
        focused={focused?.id ?? null}
        chosen={ticked}
        onFocus={focus}
        onChoose={choose}
      />
      {more && (
        <Button className={styles.more} onClick={more}>
          Show more candidates
        </Button>
      )}
    </>
  );
}

function Coverage({ coverage }: { coverage: NonNullable<VideoGeneration["coverage"]> }) {
  const percent = (shares: number[]) => shares.map((share, j) => [j + 1, 100 * share] as const);
  return (
    <LinePlot
      title="Explained pixels, %"
      along="frame"
      digits={0}
      series={[
        { name: "people and SAM 2", points: percent(coverage.all) },
        { name: "people alone", points: percent(coverage.people) },
      ]}
    />
  );
}

/** With `more` to come the counts are at least so. */
const chips = (candidates: readonly Candidate[], more: boolean) =>
  VIEWS.map(({ value, label }) => ({
    value,
    label: `${label} ${candidates.filter((one) => isIn(one, value)).length}${more ? "+" : ""}`,
  }));

function withView(params: URLSearchParams, view: View | undefined): URLSearchParams {
  const changed = new URLSearchParams(params);
  if (view) changed.set("view", view);
  else changed.delete("view");
  return changed;
}

export function toggled(ticked: ReadonlySet<Id>, id: Id): ReadonlySet<Id> {
  const changed = new Set(ticked);
  if (!changed.delete(id)) changed.add(id);
  return changed;
}
