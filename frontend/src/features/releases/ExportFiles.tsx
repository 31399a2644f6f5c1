import { Download } from "lucide-react";

import { keys } from "@/api/keys";
import type { ExportFile, Id } from "@/api/models";
import { listFiles } from "@/api/releases";
import { usePages } from "@/api/usePages";
import { formatBytes } from "@/lib/format";
import { Button, ErrorNote, Table, Working, type Column } from "@/ui";

import { CopyHash } from "./CopyHash";
import styles from "./ReleaseCard.module.css";

export function ExportFiles({ exported }: { exported: Id }) {
  const { rows, error, more, fetchingMore } = usePages(keys.files(exported), () => listFiles(exported), {});
  if (error) return <ErrorNote title="The files could not be loaded" error={error} />;
  if (!rows) return <Working>Loading the files</Working>;
  return (
    <>
      <Table caption="Files of the export" columns={FILES} rows={rows} rowKey={({ name }) => name} />
      {more && (
        <Button variant="quiet" onClick={more} busy={fetchingMore && "Loading more"}>
          Show more
        </Button>
      )}
    </>
  );
}

const FILES: Column<ExportFile>[] = [
  {
    name: "File",
    header: "File",
    wide: true,
    cell: ({ name, url }) => (
      <a href={url} download={name.split("/").at(-1)} className={styles.file}>
        <Download size={15} aria-hidden />
        {name}
      </a>
    ),
  },
  { name: "Size", header: "Size", numeric: true, cell: ({ size }) => formatBytes(size) },
  { name: "SHA-256", header: "SHA-256", cell: ({ sha256 }) => <CopyHash sha256={sha256} /> },
];
