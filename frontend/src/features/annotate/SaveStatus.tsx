import { CircleCheck, CloudAlert, LoaderCircle, Lock, type LucideIcon } from "lucide-react";

import { Chip, type Tone } from "@/ui";

import type { SavedState } from "./savedState";

const ICONS: Record<Tone, LucideIcon> = {
  good: CircleCheck,
  accent: LoaderCircle,
  quiet: LoaderCircle,
  doubt: CloudAlert,
  bad: Lock,
};

/** Whether the work is safe; read aloud when it changes. */
export function SaveStatus({ state: { tone, text } }: { state: SavedState }) {
  return (
    <span role="status" aria-label="Saved state">
      <Chip tone={tone} icon={ICONS[tone]}>
        {text}
      </Chip>
    </span>
  );
}
