import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, Download, Trash2 } from "lucide-react";
import { useState } from "react";

import { keys } from "@/api/keys";
import type { Export } from "@/api/models";
import { removeExport, zipOf } from "@/api/releases";
import { isLive } from "@/api/runs";
import { useLiveRun } from "@/api/useLiveRun";
import { formatBytes, plural } from "@/lib/format";
import { Button, Dialog, ErrorNote, IconButton, RunProgress } from "@/ui";

import { CopyHash } from "./CopyHash";
import { ExportFiles } from "./ExportFiles";
import styles from "./ReleaseCard.module.css";

interface ExportRowProps {
  exported: Export;
  isOwner: boolean;
  mayDownload: boolean;
}

/** One format of a release: how far it is, or what there is to take along. */
export function ExportRow({ exported, isOwner, mayDownload }: ExportRowProps) {
  const [open, setOpen] = useState(false);
  const [removing, setRemoving] = useState(false);
  const client = useQueryClient();
  const refresh = () => void client.invalidateQueries({ queryKey: keys.releases });
  const run = useLiveRun(exported.run, refresh);
  const live = run !== null && isLive(run.status);
  const written = exported.status === "written" && !live;
  return (
    <li className={styles.export}>
      <div className={styles.header}>
        <h3 className={styles.title}>{exported.title}</h3>
        {written && (
          <span className={styles.quiet}>
            {plural(exported.file_count, "file")}, {formatBytes(exported.bytes)}
          </span>
        )}
        {written && exported.sha256 && <CopyHash sha256={exported.sha256} />}
        <div className={styles.actions}>
          {written && mayDownload && (
            <a className={styles.file} href={zipOf(exported.id)} download={exported.zip_name}>
              <Download size={15} aria-hidden />
              Download ZIP
            </a>
          )}
          {written && mayDownload && (
            <Button
              small
              variant="quiet"
              icon={open ? ChevronDown : ChevronRight}
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              Files
            </Button>
          )}
          {isOwner && !live && (
            <IconButton
              icon={Trash2}
              label={`Remove the export as ${exported.title}`}
              onClick={() => setRemoving(true)}
            />
          )}
        </div>
      </div>
      {run && live && <RunProgress run={run} verb="Writing" mayStop={isOwner} onStopped={refresh} />}
      {run?.status === "failed" && (
        <ErrorNote title="The export failed" error={run.error && new Error(run.error.message)} />
      )}
      {run?.status === "cancelled" && <p className={styles.quiet}>It was stopped before its end.</p>}
      {open && written && <ExportFiles exported={exported.id} />}
      {removing && <RemoveDialog exported={exported} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function RemoveDialog({ exported, onClose }: { exported: Export; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeExport(exported.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.releases });
      onClose();
    },
  });
  return (
    <Dialog
      title={`Remove the export as ${exported.title}?`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="danger"
            icon={Trash2}
            onClick={() => remove.mutate()}
            busy={remove.isPending && "Removing"}
          >
            Remove
          </Button>
        </>
      }
    >
      <p>Its files go. The release stays, and can be written again at any time, byte for byte the same.</p>
      {remove.error && <ErrorNote error={remove.error} />}
    </Dialog>
  );
}
