/**
 * Which leases this browser tab holds. Session storage is per tab and survives a reload, so a
 * reloaded page goes on with its own lease, while a second tab has to ask.
 */
import type { Id, Lease } from "@/api/models";

export type HoldingKind = "assignment" | "review";

const keyOf = (kind: HoldingKind, subject: Id) => `maskloop.${kind}.${subject}`;
/** An assignment is found by its masklet, a review by its own id. */
const subjectOf = ({ id, masklet }: Lease) => masklet ?? id;

export function remember(kind: HoldingKind, lease: Lease): void {
  try {
    sessionStorage.setItem(keyOf(kind, subjectOf(lease)), JSON.stringify(lease));
  } catch {
    // Storage may be full or forbidden: a reload then has to take over, nothing is lost.
  }
}

/** The lease as it was given, with everything that `remember` was told. */
export function recall<L extends Lease = Lease>(kind: HoldingKind, subject: Id): L | null {
  try {
    const text = sessionStorage.getItem(keyOf(kind, subject));
    return text ? (JSON.parse(text) as L) : null;
  } catch {
    return null;
  }
}

export function forget(kind: HoldingKind, subject: Id): void {
  try {
    sessionStorage.removeItem(keyOf(kind, subject));
  } catch {
    // Nothing to forget where nothing can be stored.
  }
}

const LOCK_WAIT_MS = 1000;
const locked = new Set<string>();

/**
 * Whether this tab, and not a duplicate of it, holds the lease. A duplicated tab copies session storage, but
 * a lock belongs to one tab as long as it lives; a tab that was just reloaded may have to wait a moment for
 * its own.
 */
export function isOurs(kind: HoldingKind, lease: Lease): Promise<boolean> {
  const name = `${keyOf(kind, subjectOf(lease))}.${lease.token}`;
  // Browsers offer locks to secure pages only; without them a duplicate cannot be told.
  if (locked.has(name) || !("locks" in navigator)) return Promise.resolve(true);
  return new Promise((answer) => {
    const untilTheTabIsClosed = (): Promise<never> => {
      locked.add(name);
      answer(true);
      return new Promise(() => undefined);
    };
    navigator.locks
      .request(name, { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, untilTheTabIsClosed)
      .catch(() => answer(false));
  });
}
