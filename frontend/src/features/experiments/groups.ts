import type { Groups, Member } from "@/api/models";

export const GROUPS = ["1", "2", "3"] as const;
export type PhaseKey = (typeof GROUPS)[number];

/** An annotator and what they are trained for. */
export interface Candidate {
  username: string;
  name: string;
  phases: number[];
}

export const candidates = (members: readonly Member[]): Candidate[] =>
  members
    .filter(({ role }) => role === "annotator")
    .map(({ user, phases }) => ({ username: user.username, name: user.full_name || user.username, phases }))
    .sort((a, b) => (a.username < b.username ? -1 : 1));

const nobody = (): Groups => ({ "1": [], "2": [], "3": [] });

/**
 * As the server divides when it is not told: nearly equal groups, those who are trained for few phases
 * placed first.
 */
export function divided(people: readonly Candidate[]): Groups {
  const groups = nobody();
  const inTurn = [...people].sort((a, b) => a.phases.length - b.phases.length);
  for (const { username, phases } of inTurn) {
    const fewest = GROUPS.filter((phase) => phases.includes(Number(phase))).sort(
      (a, b) => groups[a].length - groups[b].length,
    )[0];
    if (fewest) groups[fewest].push(username);
  }
  return groups;
}

export const groupOf = (groups: Groups, username: string): PhaseKey | undefined =>
  GROUPS.find((phase) => groups[phase].includes(username));

/** A person is in one group at most. */
export function moved(groups: Groups, username: string, to: PhaseKey | undefined): Groups {
  const after = nobody();
  for (const phase of GROUPS)
    after[phase] = [
      ...groups[phase].filter((other) => other !== username),
      ...(phase === to ? [username] : []),
    ];
  return after;
}

/** Why an experiment cannot be done by these people; `undefined` when it can. */
export function whyNot(people: readonly Candidate[], groups: Groups): string | undefined {
  if (people.length < GROUPS.length)
    return "An experiment needs three annotators at least, one for each phase. Add some on the members page.";
  const untrained = GROUPS.find((phase) => !people.some(({ phases }) => phases.includes(Number(phase))));
  if (untrained) return `Nobody is trained for phase ${untrained}. Say who is on the members page.`;
  const empty = GROUPS.filter((phase) => groups[phase].length === 0);
  return empty.length === 0
    ? undefined
    : `Phase ${empty.join(" and ")} ${empty.length === 1 ? "has" : "have"} nobody yet.`;
}
