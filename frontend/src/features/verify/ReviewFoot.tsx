import type { ReactNode } from "react";

import { Button } from "@/ui";

import styles from "./ReviewDesk.module.css";

export function ReviewFoot({
  offer,
  leaving,
  onLeave,
  children = "Watch it once from first to last. M pins a note on a frame, Shift and drag draws where.",
}: {
  offer: ReactNode;
  leaving: boolean;
  onLeave: () => void;
  /** What to know, where there is no offer. */
  children?: ReactNode;
}) {
  return (
    <footer className={styles.foot}>
      <div className={styles.hint}>{offer ?? children}</div>
      <Button small variant="quiet" busy={leaving && "Leaving"} shortcut="Backspace" onClick={onLeave}>
        Leave it to another
      </Button>
    </footer>
  );
}
