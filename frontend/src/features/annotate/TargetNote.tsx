import { CircleDotDashed } from "lucide-react";

import type { Target } from "@/api/models";
import { Button } from "@/ui";

import styles from "./Notes.module.css";

/** Which object an experiment means: outlined on one frame, and the way there. */
export function TargetNote({ target, frame, onGo }: { target: Target; frame: number; onGo: () => void }) {
  const here = target.frame_idx === frame;
  return (
    <section className={styles.meant} aria-label="The object meant">
      <h2>
        <CircleDotDashed size={16} aria-hidden />
        The object meant
      </h2>
      <p>
        {here
          ? "Outlined in white dots on this frame."
          : `Outlined in white dots on frame ${target.frame_idx + 1}.`}
      </p>
      {!here && (
        <Button small onMouseDown={(event) => event.preventDefault()} onClick={onGo}>
          Go to frame {target.frame_idx + 1}
        </Button>
      )}
    </section>
  );
}
