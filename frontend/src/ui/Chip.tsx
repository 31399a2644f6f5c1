import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import styles from "./Chip.module.css";

export type Tone = "quiet" | "accent" | "good" | "doubt" | "bad";

/** A state in a word. The icon says it too, so that colour never speaks alone. */
export function Chip({
  tone = "quiet",
  icon: Icon,
  title,
  children,
}: {
  tone?: Tone;
  icon?: LucideIcon;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span className={styles.chip} data-tone={tone} title={title}>
      {Icon && <Icon size={13} aria-hidden />}
      {children}
    </span>
  );
}
