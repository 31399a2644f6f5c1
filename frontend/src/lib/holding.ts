/**
 * Which leases this browser tab holds. Session storage is per tab and survives a reload, so a
 * reloaded page goes on with its own lease, while a second tab has to ask.
 */
import type { Id, Lease } from "@/api/models";

export type HoldingKind = "assignment" | "review";

const keyOf = (kind: HoldingKind, masklet: Id) => `maskloop.${kind}.${masklet}`;

export function remember(kind: HoldingKind, lease: Lease): void {
  try {
    sessionStorage.setItem(keyOf(kind, lease.masklet), JSON.stringify(lease));
  } catch {
    // Storage may be full or forbidden: a reload then has to take over, nothing is lost.
  }
}

/** The lease as it was given, with everything that `remember` was told. */
export function recall<L extends Lease = Lease>(kind: HoldingKind, masklet: Id): L | null {
  try {
    const text = sessionStorage.getItem(keyOf(kind, masklet));
    return text ? (JSON.parse(text) as L) : null;
  } catch {
    return null;
  }
}

export function forget(kind: HoldingKind, masklet: Id): void {
  try {
    sessionStorage.removeItem(keyOf(kind, masklet));
  } catch {
    // Nothing to forget where nothing can be stored.
  }
}
