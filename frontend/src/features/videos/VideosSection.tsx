import { useQueryClient } from "@tanstack/react-query";
import { Film, Search, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";

import { keys } from "@/api/keys";
import type { Id, Project, Video, VideoStatus } from "@/api/models";
import { usePages } from "@/api/usePages";
import { listVideos } from "@/api/videos";
import { formatAgo, formatDuration, formatMoment } from "@/lib/format";
import {
  Button,
  EmptyState,
  ErrorNote,
  FilterChips,
  Section,
  Table,
  Thumbnail,
  VIDEO_WORDS,
  Working,
  useActions,
  type Column,
} from "@/ui";

import { DropZone } from "./DropZone";
import { MaskletCounts } from "./MaskletCounts";
import { PhaseBar } from "./PhaseBar";
import { uploads } from "./upload/uploads";
import { UploadTray } from "./UploadTray";
import { VideoState } from "./VideoState";
import styles from "./VideosSection.module.css";

/**
 * A browser has few streams to give, so only the first working videos are followed live; the others are
 * polled.
 */
const FOLLOWED = 2;

export function VideosSection({ project }: { project: Project }) {
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const status = VIDEO_STATUSES.find((known) => known === params.get("status"));
  const wanted = params.get("name") ?? "";
  const picker = useRef<HTMLInputElement>(null);
  const [ticked, setTicked] = useState<ReadonlySet<Id>>(new Set());

  const { rows, error, refetch, more, fetchingMore } = usePages(
    [...keys.videos, { project: project.id, status, wanted }],
    () => listVideos({ project: project.id, status, name: wanted || undefined }),
    { poll: (videos) => (videos.some(isWorking) ? 4000 : false) },
  );
  const followed = new Set(
    rows
      ?.filter(isWorking)
      .slice(0, FOLLOWED)
      .map(({ id }) => id),
  );
  const refresh = () => {
    void client.invalidateQueries({ queryKey: keys.videos });
    void client.invalidateQueries({ queryKey: keys.project(project.id) });
  };
  const set = (name: string, value: string | undefined) =>
    setParams(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );

  const mayUpload = project.roles.includes("owner");
  const reason = mayUpload ? undefined : "Only owners of this project can bring videos. Ask one of them.";
  const choose = () => picker.current?.click();
  const take = (files: Iterable<File>) => uploads.add(project.id, files);
  useActions([
    {
      name: "upload",
      label: "Upload videos",
      keys: ["U"],
      group: "Project",
      disabled: reason,
      perform: choose,
    },
  ]);

  // What a filter hides is not meant.
  const chosen = rows?.filter(({ id }) => ticked.has(id)) ?? [];
  const tick = (ids: readonly Id[], on: boolean) =>
    setTicked((before) => {
      const after = new Set(before);
      for (const id of ids) {
        if (on) after.add(id);
        else after.delete(id);
      }
      return after;
    });
  const tickColumn: Column<Video> = {
    name: "Chosen",
    header: (
      <Tick
        label="Choose all that are shown"
        on={chosen.length > 0 && chosen.length === rows?.length}
        some={chosen.length > 0}
        onChange={(on) => tick(rows?.map(({ id }) => id) ?? [], on)}
      />
    ),
    cell: ({ id, name }) => (
      <Tick label={`Choose ${name}`} on={ticked.has(id)} onChange={(on) => tick([id], on)} />
    ),
  };

  const columns: Column<Video>[] = [
    ...(mayUpload ? [tickColumn] : []),
    { name: "Picture", cell: (video) => <Thumbnail url={video.thumbnail_url} /> },
    {
      name: "Video",
      header: "Video",
      wide: true,
      cell: (video) => (
        <Link to={`/videos/${video.id}`} className={styles.name}>
          {video.name}
        </Link>
      ),
    },
    {
      name: "State",
      header: "State",
      cell: (video) => <VideoState video={video} follow={followed.has(video.id)} onEnd={refresh} />,
    },
    {
      name: "Length",
      header: "Length",
      numeric: true,
      cell: ({ duration }) => (duration === null ? "" : formatDuration(duration)),
    },
    {
      name: "Size",
      header: "Size",
      numeric: true,
      cell: ({ width, height }) => (width === null ? "" : `${width} × ${height}`),
    },
    {
      name: "Frames",
      header: "Frames to annotate",
      numeric: true,
      cell: ({ frame_count }) => frame_count?.toLocaleString("en") ?? "",
    },
    {
      name: "Phase",
      header: "Phase",
      numeric: true,
      cell: ({ phase }) =>
        phase ?? (
          <span className={styles.quiet} title="the project’s">
            {project.phase}
          </span>
        ),
    },
    {
      name: "Masklets",
      header: "Masklets",
      cell: ({ masklet_counts }) => <MaskletCounts counts={masklet_counts} />,
    },
    {
      name: "Added",
      header: "Added",
      cell: ({ created_at }) => (
        <time dateTime={created_at} title={formatMoment(created_at)} className={styles.quiet}>
          {formatAgo(created_at)}
        </time>
      ),
    },
  ];

  const empty = rows?.length === 0 && status === undefined && wanted === "";
  const busy = project.counts.to_annotate > 0 || project.counts.to_verify > 0;
  const button = (
    <Button
      variant={empty && !busy ? "primary" : "secondary"}
      icon={Upload}
      shortcut="U"
      onClick={choose}
      disabledReason={reason}
    >
      Upload videos
    </Button>
  );

  return (
    <Section title="Videos" actions={empty ? undefined : button}>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Video files"
        accept="video/*,.mkv,.mov,.avi,.mp4,.m4v,.webm,.ts,.mts,.m2ts,.gif,.zip"
        onChange={(event) => {
          take(event.target.files ?? []);
          event.target.value = "";
        }}
      />
      {mayUpload && <DropZone name={project.name} onFiles={take} />}
      <UploadTray project={project.id} />
      {chosen.length > 0 && (
        <PhaseBar project={project} videos={chosen} onDone={() => setTicked(new Set())} />
      )}
      {!empty && chosen.length === 0 && (
        <div className={styles.filters}>
          <FilterChips
            label="State"
            options={VIDEO_STATUSES.map((value) => ({ value, label: VIDEO_WORDS[value].text }))}
            value={status}
            onChange={(value) => set("status", value)}
          />
          <label className={styles.search}>
            <Search size={15} aria-hidden />
            <span className="visually-hidden">Name contains</span>
            <input
              type="search"
              placeholder="Name contains"
              value={wanted}
              onChange={(event) => set("name", event.target.value)}
            />
          </label>
        </div>
      )}
      {error && (
        <ErrorNote title="The videos could not be loaded" error={error}>
          <Button small onClick={refetch}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!rows && !error && <Working fill>Loading the videos</Working>}
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
          action={<Button onClick={() => setParams({})}>Show all</Button>}
        />
      )}
      {rows && rows.length > 0 && (
        <Table
          caption="Videos"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          belowFrom={mayUpload ? 2 : 1}
          below={({ failure, warnings }) =>
            failure ? (
              <span className={styles.failure}>{failure.message}</span>
            ) : (
              warnings.length > 0 && <span className={styles.notes}>{warnings.join(" ")}</span>
            )
          }
          more={more}
          fetchingMore={fetchingMore}
        />
      )}
    </Section>
  );
}

interface TickProps {
  label: string;
  on: boolean;
  /** Some of them, drawn as a dash. */
  some?: boolean;
  onChange: (on: boolean) => void;
}

function Tick({ label, on, some = false, onChange }: TickProps) {
  const draw = (element: HTMLInputElement | null) => {
    if (element) element.indeterminate = some && !on;
  };
  return (
    <input
      ref={draw}
      type="checkbox"
      className={styles.tick}
      aria-label={label}
      checked={on}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

const VIDEO_STATUSES: VideoStatus[] = ["uploading", "extracting", "ready", "failed"];

const isWorking = ({ status }: Video) => status === "extracting" || status === "uploading";
