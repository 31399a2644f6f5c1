import { Link } from "react-router";

import type { Id, Project, Video } from "@/api/models";
import { formatAgo, formatDuration, formatMoment } from "@/lib/format";
import { Table, Thumbnail, type Column } from "@/ui";

import { MaskletCounts } from "./MaskletCounts";
import { Tick } from "./Tick";
import { VideoState } from "./VideoState";
import styles from "./VideosSection.module.css";
import { isWorking } from "./working";

/**
 * A browser has few streams to give, so only the first working videos are followed live; the others are
 * polled.
 */
const FOLLOWED = 2;

export interface VideosTableProps {
  project: Project;
  rows: Video[];
  /** Those of `rows` that are chosen; null for people who cannot choose. */
  chosen: readonly Video[] | null;
  onTick: (ids: readonly Id[], on: boolean) => void;
  /** A video's state has changed. */
  onEnd: () => void;
  more: (() => void) | undefined;
  fetchingMore: boolean;
}

/** The videos with their state and their figures; what went wrong with one stands below it. */
export function VideosTable({ project, rows, chosen, onTick, onEnd, ...paging }: VideosTableProps) {
  const columns = [
    ...(chosen ? [tickColumn(rows, chosen, onTick)] : []),
    ...LEADING,
    stateColumn(rows, onEnd),
    ...FIGURES,
    phaseColumn(project),
    ...LAST,
  ];
  return (
    <Table
      caption="Videos"
      columns={columns}
      rows={rows}
      rowKey={({ id }) => id}
      belowFrom={chosen ? 2 : 1}
      below={({ failure, warnings }) =>
        failure ? (
          <span className={styles.failure}>{failure.message}</span>
        ) : (
          warnings.length > 0 && <span className={styles.notes}>{warnings.join(" ")}</span>
        )
      }
      {...paging}
    />
  );
}

const tickColumn = (
  rows: readonly Video[],
  chosen: readonly Video[],
  onTick: VideosTableProps["onTick"],
): Column<Video> => ({
  name: "Chosen",
  header: (
    <Tick
      label="Choose all that are shown"
      on={chosen.length > 0 && chosen.length === rows.length}
      some={chosen.length > 0}
      onChange={(on) =>
        onTick(
          rows.map(({ id }) => id),
          on,
        )
      }
    />
  ),
  cell: (video) => (
    <Tick
      label={`Choose ${video.name}`}
      on={chosen.includes(video)}
      onChange={(on) => onTick([video.id], on)}
    />
  ),
});

function stateColumn(rows: readonly Video[], onEnd: () => void): Column<Video> {
  const followed = new Set(
    rows
      .filter(isWorking)
      .slice(0, FOLLOWED)
      .map(({ id }) => id),
  );
  return {
    name: "State",
    header: "State",
    cell: (video) => <VideoState video={video} follow={followed.has(video.id)} onEnd={onEnd} />,
  };
}

const phaseColumn = (project: Project): Column<Video> => ({
  name: "Phase",
  header: "Phase",
  numeric: true,
  cell: ({ phase }) =>
    phase ?? (
      <span className={styles.quiet} title="the project’s">
        {project.phase}
      </span>
    ),
});

const LEADING: Column<Video>[] = [
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
];

const FIGURES: Column<Video>[] = [
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
];

const LAST: Column<Video>[] = [
  {
    name: "Split",
    header: "Split",
    cell: ({ split, side }) =>
      split ? (
        side
      ) : (
        <span className={styles.quiet} title="by a hash of its group">
          {side}
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
