import type { ReactNode } from "react";

import { Button } from "@/ui";

import styles from "./ReviewDesk.module.css";

export interface ReviewFootProps {
  /** The verdict before, while it can be taken back. */
  offer: ReactNode;
  leaving: boolean;
  onLeave: () => void;
}

/** What to do now, and the way out. */
export function ReviewFoot({ offer, leaving, onLeave }: ReviewFootProps) {
  return (
    <footer className={styles.foot}>
      <div className={styles.hint}>
        {offer ?? "Watch it once from first to last. S satisfactory, U unsatisfactory, J reject."}
      </div>
      <Button small variant="quiet" busy={leaving && "Leaving"} shortcut="Backspace" onClick={onLeave}>
        Leave it to another
      </Button>
    </footer>
  );
}
