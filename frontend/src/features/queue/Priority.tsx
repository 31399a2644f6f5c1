import { ChevronDown, ChevronUp } from "lucide-react";

import type { Id, QueueRow } from "@/api/models";
import { IconButton } from "@/ui";

import styles from "./Priority.module.css";
import { useAllot } from "./useAllot";

const MOST = 100;

/** How soon an owner wants it: the higher, the sooner. */
export function Priority({ project, row }: { project: Id; row: QueueRow }) {
  const change = useAllot(project, row);
  const { priority, object_id, video_name } = row;
  const what = `object ${object_id} in ${video_name}`;
  return (
    <span className={styles.priority} title={change.error?.message}>
      <span className={styles.number} data-set={priority !== 0} aria-live="polite">
        {priority > 0 ? `+${priority}` : priority < 0 ? `−${-priority}` : "0"}
      </span>
      <IconButton
        size={16}
        icon={ChevronUp}
        label={`Sooner: ${what}`}
        className={styles.step}
        disabledReason={priority >= MOST ? "This is the highest" : undefined}
        onClick={() => change.mutate({ priority: priority + 1 })}
      />
      <IconButton
        size={16}
        icon={ChevronDown}
        label={`Later: ${what}`}
        className={styles.step}
        disabledReason={priority <= -MOST ? "This is the lowest" : undefined}
        onClick={() => change.mutate({ priority: priority - 1 })}
      />
      {change.error && (
        <span role="alert" className={styles.failed}>
          not changed
        </span>
      )}
    </span>
  );
}
