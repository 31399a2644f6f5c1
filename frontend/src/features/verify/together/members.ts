/** The masklets of one video that are verified in one go. */
import type { Id, VerdictValue } from "@/api/models";
import { colourOf } from "@/masks/colours";

import type { Opened } from "../openReview";

/** What became of one: its verdict, or that it is this person's no more. */
export type Outcome = VerdictValue | "lost";

export interface Member extends Opened {
  id: Id;
  /** As it stands on the page: 1, 2, 3 … */
  number: number;
  colour: string;
  outcome: Outcome | null;
}

export const membersOf = (opened: readonly Opened[], outcomes: ReadonlyMap<Id, Outcome>): readonly Member[] =>
  opened.map((one, n) => ({
    ...one,
    id: one.review.id,
    number: n + 1,
    colour: colourOf(n + 1),
    outcome: outcomes.get(one.review.id) ?? null,
  }));

export const openOnes = (members: readonly Member[]): readonly Member[] =>
  members.filter(({ outcome }) => outcome === null);

/** The one after `id` that still waits for its verdict, or before it; round the end. Null where none does. */
export function neighbourOf(members: readonly Member[], id: Id, direction: 1 | -1): Member | null {
  const at = members.findIndex((member) => member.id === id);
  for (let step = 1; step <= members.length; step++) {
    const n = (at + direction * step + members.length * step) % members.length;
    const member = members[n];
    if (member && member.id !== id && member.outcome === null) return member;
  }
  return null;
}
