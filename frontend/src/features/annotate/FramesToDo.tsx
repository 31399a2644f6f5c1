import { Progress } from "@/ui";

import { ActionButton } from "./ActionControls";
import type { Control } from "./actions/spec";
import styles from "./Propagation.module.css";

/** Where every frame is made by hand: how many there still are, and the way to the next. */
export function FramesToDo({
  left,
  count,
  next,
  primary,
}: {
  left: number;
  count: number;
  next: Control;
  primary: boolean;
}) {
  const done = count - left;
  return (
    <div className={styles.running} role="group" aria-label="Frames to do">
      <ActionButton control={next} small variant={primary ? "primary" : "secondary"} withKey>
        Next frame to do
      </ActionButton>
      <div className={styles.bar}>
        <Progress
          bare
          label="Frames done"
          done={done}
          total={count}
          unit="frames"
          tone={left === 0 ? "good" : "accent"}
        />
      </div>
      <span className={styles.numbers}>
        {done} of {count} frames done
      </span>
    </div>
  );
}
