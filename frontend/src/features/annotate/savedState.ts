import type { Tone } from "@/ui";

import type { Unsent } from "./outbox";
import type { Work } from "./workbench";

export interface SavedState {
  tone: Tone;
  text: string;
}

/** Whether what one sees is safe, in the fewest words. */
export function savedState(work: Work, unsent: readonly Unsent[]): SavedState {
  const many = unsent.length > 1 ? ` (${unsent.length})` : "";
  if (work.leaseLost) return { tone: "bad", text: unsent.length > 0 ? `Not saved${many}` : "Read only" };
  if (unsent.some(({ state }) => state === "retrying"))
    return { tone: "doubt", text: `Not saved, retrying${many}` };
  if (unsent.length > 0) return { tone: "accent", text: `Saving${many}` };
  if (!work.online) return { tone: "doubt", text: "Offline, saved so far" };
  if (!work.loaded) return { tone: "quiet", text: "Loading" };
  if (work.busy !== null) return { tone: "accent", text: work.busy };
  return { tone: "good", text: "Saved" };
}
