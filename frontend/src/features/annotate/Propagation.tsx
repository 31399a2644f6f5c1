import { Progress } from "@/ui";

import { ActionButton } from "./ActionControls";
import type { Controls } from "./actions/spec";
import styles from "./Propagation.module.css";
import type { Work } from "./workbench";

export interface PropagationProps {
  work: Work;
  controls: Controls;
  /** It is what should be done next. */
  next: boolean;
}

const WAYS = { forward: "forward", backward: "backward", both: "both ways" };

/** Start to propagate; while it runs: how far it is and how to stop it. */
export function PropagationBar({ work, controls, next }: PropagationProps) {
  const { propagation } = work;
  if (!propagation) {
    return (
      <div className={styles.buttons} role="group" aria-label="Propagate">
        <ActionButton control={controls["propagate-backward"]} small variant="quiet">
          Backward
        </ActionButton>
        <ActionButton
          control={controls["propagate-both"]}
          small
          variant={next ? "primary" : "secondary"}
          withKey
        >
          Propagate
        </ActionButton>
        <ActionButton control={controls["propagate-forward"]} small variant="quiet">
          Forward
        </ActionButton>
      </div>
    );
  }
  const { progress, direction, stopping, connection } = propagation;
  const way = direction ? ` ${WAYS[direction]}` : "";
  const words = stopping
    ? "Stopping; what is done is kept"
    : connection === "lost"
      ? "Connection lost, trying again; the work goes on"
      : `Propagating${way}`;
  return (
    <div className={styles.running}>
      <ActionButton control={controls.stop} small busy={stopping && "Stopping"} withKey>
        Stop
      </ActionButton>
      <span className={styles.words} role="status">
        {words}
      </span>
      <div className={styles.bar}>
        <Progress bare label={words} done={progress.done} total={progress.total} unit={progress.unit} />
      </div>
      <span className={styles.numbers}>
        {progress.total > 0
          ? `${progress.done} of ${progress.total} ${progress.unit}`
          : "waiting for a worker"}
      </span>
    </div>
  );
}
