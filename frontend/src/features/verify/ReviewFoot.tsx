import type { ReactNode } from "react";

import { Button } from "@/ui";

import styles from "./ReviewDesk.module.css";

export function ReviewFoot({
  offer,
  leaving,
  onLeave,
}: {
  offer: ReactNode;
  leaving: boolean;
  onLeave: () => void;
}) {
  return (
    <footer className={styles.foot}>
      <div className={styles.hint}>
        {offer ?? "Watch it once from first to last. M pins a note on a frame, Shift and drag draws where."}
      </div>
      <Button small variant="quiet" busy={leaving && "Leaving"} shortcut="Backspace" onClick={onLeave}>
        Leave it to another
      </Button>
    </footer>
  );
}
