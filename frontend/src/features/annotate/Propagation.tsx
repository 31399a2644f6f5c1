import { Progress } from "@/ui";

import { ActionButton, type Control } from "./ActionControls";
import styles from "./Propagation.module.css";
import type { Work } from "./workbench";

export interface PropagationProps {
  work: Work;
  backward: Control;
  both: Control;
  forward: Control;
  stop: Control;
  /** It is what should be done next. */
  next: boolean;
}

const WAYS = { forward: "forward", backward: "backward", both: "both ways" };

/** Start to propagate; while it runs: how far it is and how to stop it. */
export function PropagationBar({ work, backward, both, forward, stop, next }: PropagationProps) {
  const { propagation } = work;
  if (!propagation) {
    return (
      <div className={styles.buttons} role="group" aria-label="Propagate">
        <ActionButton control={backward} small variant="quiet">
          Backward
        </ActionButton>
        <ActionButton control={both} small variant={next ? "primary" : "secondary"} withKey>
          Propagate
        </ActionButton>
        <ActionButton control={forward} small variant="quiet">
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
      <ActionButton control={stop} small busy={stopping && "Stopping"} withKey>
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
