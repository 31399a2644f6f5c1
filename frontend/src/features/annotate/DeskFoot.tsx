import { Send } from "lucide-react";

import { ActionButton } from "./ActionControls";
import type { Controls } from "./actions/spec";
import { passesOn, type Desk } from "./desk";
import styles from "./Desk.module.css";
import { hintOf, type Next } from "./hint";

/** What to do next in a sentence, and the two ways to end the work here. */
export function DeskFoot({ desk, controls, next }: { desk: Desk; controls: Controls; next: Next | null }) {
  const { busy } = desk.work;
  return (
    <footer className={styles.foot}>
      <p className={styles.hint} aria-live="polite">
        {hintOf(desk)}
      </p>
      <ActionButton
        control={controls["hand-back"]}
        small
        variant={next === "pass on" ? "primary" : "quiet"}
        {...(passesOn(desk) && { icon: Send })}
        withKey
        busy={busy === "Handing back" && "Handing back"}
      />
      <ActionButton
        control={controls.submit}
        small
        variant={next === "submit" ? "primary" : "secondary"}
        withKey
        busy={busy === "Submitting" && "Submitting"}
      >
        Submit
      </ActionButton>
    </footer>
  );
}
