import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, Trash2 } from "lucide-react";

import { listBin, restoreVideo } from "@/api/bin";
import { keys } from "@/api/keys";
import type { BinnedVideo, Project } from "@/api/models";
import { daysLeft, formatAgo, formatBytes, formatMoment } from "@/lib/format";
import { Button, EmptyState, Fetched, Section, Table, type Column } from "@/ui";

import styles from "./BinPage.module.css";

/** Videos that owners removed: each can come back with its masklets, for 30 days. */
export function BinPage({ project }: { project: Project }) {
  const { data, error, refetch } = useQuery({
    queryKey: keys.bin(project.id),
    queryFn: () => listBin(project.id),
  });
  return (
    <Section title="Bin" level={1}>
      <Fetched what="the bin" error={error} there={data !== undefined} onRetry={() => void refetch()} />
      {data?.length === 0 && (
        <EmptyState icon={Trash2} title="The bin is empty">
          An owner removes a video on its page. It comes here with its masklets and can be taken out again for
          30 days; then it leaves the store.
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <Table caption="Removed videos" columns={columns(project)} rows={data} rowKey={({ id }) => id} />
      )}
    </Section>
  );
}

const columns = (project: Project): Column<BinnedVideo>[] => [
  {
    name: "Video",
    header: "Video",
    wide: true,
    cell: ({ name }) => <span className={styles.name}>{name}</span>,
  },
  { name: "Size", header: "Size", numeric: true, cell: ({ bytes }) => formatBytes(bytes) },
  {
    name: "Removed",
    header: "Removed",
    cell: ({ removed_at }) =>
      removed_at && (
        <time dateTime={removed_at} title={formatMoment(removed_at)} className={styles.quiet}>
          {formatAgo(removed_at)}
        </time>
      ),
  },
  {
    name: "Left",
    header: "Can come back for",
    cell: ({ emptied_on }) => (
      <time dateTime={emptied_on} title={`Until ${formatMoment(emptied_on)}`}>
        {daysLeft(emptied_on)}
      </time>
    ),
  },
  { name: "Restore", cell: (video) => <Restore project={project} video={video} /> },
];

function Restore({ project, video }: { project: Project; video: BinnedVideo }) {
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => restoreVideo(project.id, video.id),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.bin(project.id) }),
        client.invalidateQueries({ queryKey: keys.videos }),
        client.invalidateQueries({ queryKey: keys.masklets }),
        client.invalidateQueries({ queryKey: keys.project(project.id) }),
      ]),
  });
  return (
    <>
      {restore.error && (
        <span role="alert" className={styles.failed}>
          {restore.error.message}
        </span>
      )}
      <Button
        small
        icon={RotateCcw}
        aria-label={`Restore ${video.name}`}
        onClick={() => restore.mutate()}
        busy={restore.isPending && "Restoring"}
      >
        Restore
      </Button>
    </>
  );
}
