import { ArchiveRestore, Ban, Check, RotateCcw, Trash2, type LucideIcon } from "lucide-react";

import type { Candidate, Id, Role } from "@/api/models";

import type { Decision } from "./useDecisions";
import { fell } from "./words";

/** Something that can be decided about candidates. */
export interface Choice {
  name: string;
  text: string;
  /** The key of the review page, where it has one. */
  key: string;
  icon: LucideIcon;
  /** Why it cannot be decided now. */
  off: string | undefined;
  act: () => void;
}

export interface Choosing {
  roles: readonly Role[];
  meant: readonly Candidate[];
  decide: (decision: Decision, ids: Id[]) => void;
  /** An unsatisfactory verdict says what to refine. */
  refine: () => void;
}

export const waiting = (meant: readonly Candidate[]): Id[] =>
  meant.filter(({ status }) => status === "in_verification").map(({ id }) => id);

/** What can be decided about the candidates that are meant. */
export function choices({ roles, meant, decide, refine }: Choosing): Choice[] {
  const waits = waiting(meant);
  const fallen = meant.filter(fell).map(({ id }) => id);
  const judging = may(roles.includes("reviewer"), "reviewers", waits, "wait for a verdict");
  const bringing = may(roles.includes("owner"), "owners", fallen, "fell");
  const dismissing = may(roles.includes("owner"), "owners", waits, "wait for a verdict");
  const judge = (verdict: "satisfactory" | "reject") => () =>
    decide({ what: "verdict", verdict: { verdict } }, waits);
  const bring = () => decide({ what: "bring back" }, fallen);
  const dismiss = () => decide({ what: "dismiss" }, waits);
  return [
    choice("satisfactory", "Satisfactory", "S", Check, judging, judge("satisfactory")),
    choice("unsatisfactory", "Unsatisfactory", "U", RotateCcw, judging, refine),
    choice("reject", "Reject", "J", Ban, judging, judge("reject")),
    choice("bring-back", "Bring back", "B", ArchiveRestore, bringing, bring),
    choice("dismiss", "Dismiss", "Delete", Trash2, dismissing, dismiss),
  ];
}

const choice = (
  name: string,
  text: string,
  key: string,
  icon: LucideIcon,
  off: string | undefined,
  act: () => void,
): Choice => ({ name, text, key, icon, off, act });

/** Why a decision cannot be made now; `undefined` when it can. */
function may(allowed: boolean, who: string, ids: Id[], what: string): string | undefined {
  if (!allowed) return `Only ${who} of this project decide that.`;
  return ids.length > 0 ? undefined : `None of those that are meant ${what}.`;
}
