import { useQueryClient } from "@tanstack/react-query";
import { Check, CircleAlert, Pause, Play, RotateCcw, Trash2, X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { Link } from "react-router";

import { keys } from "@/api/keys";
import type { Id } from "@/api/models";
import { formatBytes } from "@/lib/format";
import { Button, IconButton, Progress } from "@/ui";

import { unfinished } from "./upload/ledger";
import { discard, uploads, type UploadItem } from "./upload/uploads";
import styles from "./UploadTray.module.css";

/** The uploads of a project: those on their way, and those that a closed page left behind. */
export function UploadTray({ project }: { project: Id }) {
  const items = useSyncExternalStore(uploads.subscribe, uploads.snapshot).filter(
    (item) => item.project === project,
  );
  const client = useQueryClient();
  const [, look] = useState(0);

  useEffect(() => {
    uploads.onVideo = () => {
      void client.invalidateQueries({ queryKey: keys.videos });
      void client.invalidateQueries({ queryKey: keys.projects });
    };
  }, [client]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (uploads.active) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, []);

  const left = unfinished(project).filter(([id]) => !items.some((item) => item.id === id));
  if (items.length === 0 && left.length === 0) return null;
  return (
    <ul className={styles.tray} aria-label="Uploads">
      {items.map((item) => (
        <Row key={item.id} item={item} />
      ))}
      {left.map(([id, entry]) => (
        <li key={id} className={styles.row}>
          <span className={styles.name}>{entry.name}</span>
          <span className={styles.words}>
            Not finished. Choose the same file again and it goes on where it stopped (
            {formatBytes(entry.size)}).
          </span>
          <IconButton
            icon={Trash2}
            label="Discard what was sent"
            onClick={() => void discard(id).then(() => look((n) => n + 1))}
          />
        </li>
      ))}
    </ul>
  );
}

/** What is done speaks for itself in the list of videos below. */
const DONE_STAYS_MS = 6000;

function Row({ item }: { item: UploadItem }) {
  const { id, status } = item;
  useEffect(() => {
    if (status !== "done") return;
    const timer = setTimeout(() => uploads.dismiss(id), DONE_STAYS_MS);
    return () => clearTimeout(timer);
  }, [id, status]);
  return (
    <li className={styles.row}>
      <span className={styles.name}>
        {item.video && status === "done" ? <Link to={`/videos/${item.video}`}>{item.name}</Link> : item.name}
      </span>
      <div className={styles.words}>
        {status === "failed" ? (
          <span className={styles.problem} role="alert">
            <CircleAlert size={15} aria-hidden />
            <span>
              {item.error?.message} {item.twin !== null && <Link to={item.twin}>Look there</Link>}
            </span>
          </span>
        ) : status === "done" ? (
          <span className={styles.done}>
            <Check size={15} aria-hidden />
            Uploaded; its frames are being extracted.
          </span>
        ) : (
          <Progress
            label={words(item)}
            done={item.sent}
            total={item.size}
            unit="bytes"
            tone={status === "paused" ? "quiet" : "accent"}
          />
        )}
      </div>
      <div className={styles.buttons}>
        {status === "sending" && (
          <IconButton icon={Pause} label="Pause" onClick={() => uploads.pause(item.id)} />
        )}
        {status === "paused" && (
          <IconButton icon={Play} label="Go on" onClick={() => uploads.resume(item.id)} />
        )}
        {item.twin !== null && (
          <Button small onClick={() => uploads.sendAgain(item.id)}>
            Upload anyway
          </Button>
        )}
        {status === "failed" && !item.refused && item.twin === null && (
          <IconButton icon={RotateCcw} label="Retry" onClick={() => uploads.resume(item.id)} />
        )}
        {status === "done" ? (
          <IconButton icon={X} label="Take off the list" onClick={() => uploads.dismiss(item.id)} />
        ) : (
          status !== "finishing" && (
            <IconButton
              icon={X}
              label={item.refused ? "Take off the list" : "Cancel the upload"}
              onClick={() => void uploads.cancel(item.id)}
            />
          )
        )}
      </div>
    </li>
  );
}

function words({ status, sent, size }: UploadItem): string {
  const share = `${formatBytes(sent)} of ${formatBytes(size)}`;
  switch (status) {
    case "waiting":
      return "Waiting for the files before it";
    case "paused":
      return `Paused at ${share}`;
    case "finishing":
      return "Checking that everything arrived";
    case "sending":
    case "failed":
    case "done":
      return `Uploading ${share}`;
  }
}
