import type { Id, Prompt, Revision } from "@/api/models";

/**
 * Undo and redo over revisions. Numbers name contents: restoring revision 3 makes a newer number on
 * the server, with the content that 3 has here.
 */
export interface History {
  past: readonly number[];
  now: number;
  future: readonly number[];
}

/** How far one can go back after a reload: the line of parents, as far as `revisions` tell it. */
export function historyOf(now: number, revisions: readonly Pick<Revision, "number" | "parent">[]): History {
  const parents = new Map(revisions.map(({ number, parent }) => [number, parent]));
  const past: number[] = [];
  let at = parents.get(now);
  for (; at; at = parents.get(at)) past.unshift(at);
  // The first revision has no parent: before it there was nothing, which is number 0.
  if (at === null) past.unshift(0);
  return { past, now, future: [] };
}

/**
 * The prompts that the newest propagation has carried on; none where something was restored since, which may
 * have undone it.
 */
export function carriedBy(
  revisions: readonly Pick<Revision, "number" | "kind" | "created_at">[],
  prompts: readonly Pick<Prompt, "id" | "created_at">[],
): ReadonlySet<Id> {
  const newest = revisions
    .toSorted((a, b) => b.number - a.number)
    .find(({ kind }) => kind === "propagate" || kind === "restore");
  const until = newest?.kind === "propagate" ? Date.parse(newest.created_at) : -Infinity;
  return new Set(prompts.filter(({ created_at }) => Date.parse(created_at) < until).map(({ id }) => id));
}

/** A new content: what could be redone is gone. */
export function edited(history: History, revision: number): History {
  if (revision === history.now) return history;
  return { past: [...history.past, history.now], now: revision, future: [] };
}

export function undone({ past, now, future }: History): History {
  const to = past.at(-1);
  return to === undefined
    ? { past, now, future }
    : { past: past.slice(0, -1), now: to, future: [now, ...future] };
}

export function redone({ past, now, future }: History): History {
  const to = future[0];
  return to === undefined
    ? { past, now, future }
    : { past: [...past, now], now: to, future: future.slice(1) };
}
