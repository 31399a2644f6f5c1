import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, GraduationCap, PackageCheck, Snowflake } from "lucide-react";
import { useState } from "react";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Release, ReleaseFile } from "@/api/models";
import { exportRelease, freezeRelease } from "@/api/releases";
import { cancelRun, isLive } from "@/api/runs";
import { useLiveRun } from "@/api/useLiveRun";
import { formatBytes, plural } from "@/lib/format";
import { Button, ButtonLink, Dialog, ErrorNote, Progress, ReleaseChip, Table, type Column } from "@/ui";

import styles from "./ReleaseCard.module.css";

export function ReleaseCard({ release, isOwner }: { release: Release; isOwner: boolean }) {
  const [freezing, setFreezing] = useState(false);
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: keys.releases });
  const run = useLiveRun(release.run, () => void refresh());
  const live = run !== null && isLive(run.status);
  const write = useMutation({
    mutationFn: (key: string) => exportRelease(release.id, key),
    onSuccess: refresh,
  });
  const stop = useMutation({ mutationFn: cancelRun, onSuccess: refresh });
  const error = write.error ?? stop.error;

  return (
    <article className={styles.card}>
      <header className={styles.header}>
        <h2 className={styles.name}>{release.name}</h2>
        <ReleaseChip status={release.status} />
        {release.status !== "draft" && (
          <span className={styles.quiet}>
            {plural(release.masklet_count, "masklet")} in {plural(release.video_count, "video")}
          </span>
        )}
        {isOwner && !live && (
          <div className={styles.actions}>
            {release.status === "draft" && (
              <Button icon={Snowflake} onClick={() => setFreezing(true)}>
                Freeze
              </Button>
            )}
            {release.status !== "draft" && (
              <ButtonLink icon={GraduationCap} to={`../checkpoints?retrain=${release.id}`}>
                Retrain
              </ButtonLink>
            )}
            {release.status !== "draft" && (
              <Button
                icon={PackageCheck}
                onClick={() => write.mutate(newIdempotencyKey())}
                busy={write.isPending && "Asking for the export"}
              >
                {release.status === "exported" ? "Export again" : "Export as SA-V"}
              </Button>
            )}
          </div>
        )}
      </header>
      {release.status === "draft" && !live && (
        <p className={styles.quiet}>
          Holds nothing yet. Freezing takes in every masklet that is accepted then.
        </p>
      )}
      {error && <ErrorNote error={error} />}
      {run && live && (
        <div className={styles.run}>
          <Progress
            label={
              run.status === "queued"
                ? "Waiting for a worker"
                : `${run.kind === "freeze" ? "Pinning" : "Writing"} ${run.progress.done.toLocaleString("en")} of ${run.progress.total.toLocaleString("en")} ${run.progress.unit}`
            }
            done={run.progress.done}
            total={run.status === "queued" ? 1 : run.progress.total}
            unit={run.progress.unit}
          />
          <Button small onClick={() => stop.mutate(run.id)} busy={stop.isPending && "Stopping"}>
            Stop
          </Button>
        </div>
      )}
      {run?.status === "failed" && (
        <ErrorNote title={`The ${run.kind} failed`} error={run.error && new Error(run.error.message)} />
      )}
      {run?.status === "cancelled" && (
        <p className={styles.quiet}>The last {run.kind} was stopped before its end.</p>
      )}
      {release.files.length > 0 && (
        <Table
          caption={`Files of ${release.name}`}
          columns={FILES}
          rows={release.files}
          rowKey={({ name }) => name}
        />
      )}
      {release.files.some(({ url }) => url === null) && (
        <p className={styles.quiet}>
          Your role does not download exports in this project. Ask an owner for a copy.
        </p>
      )}
      {freezing && <FreezeDialog release={release} onClose={() => setFreezing(false)} />}
    </article>
  );
}

const FILES: Column<ReleaseFile>[] = [
  {
    name: "File",
    header: "File",
    wide: true,
    cell: ({ name, url }) =>
      url === null ? (
        name
      ) : (
        <a href={url} download={name.split("/").at(-1)} className={styles.file}>
          <Download size={15} aria-hidden />
          {name}
        </a>
      ),
  },
  { name: "Size", header: "Size", numeric: true, cell: ({ size }) => formatBytes(size) },
  {
    name: "SHA-256",
    header: "SHA-256",
    cell: ({ sha256 }) => <code title={sha256}>{sha256.slice(0, 16)}…</code>,
  },
  { name: "Copy", cell: ({ sha256 }) => <CopyButton text={sha256} /> },
];

function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <Button small variant="quiet" onClick={copy} onBlur={() => setCopied(false)}>
      {copied ? "Copied" : "Copy hash"}
    </Button>
  );
}

/** Freezing is one of the few things that cannot be undone, so it asks. */
function FreezeDialog({ release, onClose }: { release: Release; onClose: () => void }) {
  const client = useQueryClient();
  const freeze = useMutation({
    mutationFn: () => freezeRelease(release.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.releases });
      onClose();
    },
  });
  return (
    <Dialog
      title={`Freeze ${release.name}?`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            icon={Snowflake}
            onClick={() => freeze.mutate()}
            busy={freeze.isPending && "Freezing"}
          >
            Freeze
          </Button>
        </>
      }
    >
      <p>
        Every masklet that is accepted now is pinned at its revision. This cannot be undone: what is accepted
        later goes into another release.
      </p>
      {freeze.error && <ErrorNote error={freeze.error} />}
    </Dialog>
  );
}
