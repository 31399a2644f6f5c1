import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";

import { listBin, restoreVideo } from "@/api/bin";
import { keys } from "@/api/keys";
import type { BinnedVideo, Project } from "@/api/models";
import { daysLeft, formatAgo, formatBytes, formatMoment } from "@/lib/format";
import { EmptyState, Fetched, RestoreButton, Section, Table, type Column } from "@/ui";

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
  {
    name: "Restore",
    cell: ({ id, name }) => (
      <RestoreButton
        name={name}
        restore={() => restoreVideo(project.id, id)}
        changes={[keys.bin(project.id), keys.videos, keys.masklets, keys.project(project.id)]}
      />
    ),
  },
];
