import { isApiError } from "@/api/client";
import type { Id, Lease } from "@/api/models";
import { isOurs, recall, remember, type HoldingKind } from "@/lib/holding";

/** How a lease of one kind is had; `C` is what a claim answers. */
export interface LeaseSource<L extends Lease, C> {
  kind: HoldingKind;
  leaseOf: (claim: C) => L;
  claim: (masklet: Id, takeover: boolean) => Promise<C>;
  /** Goes on with a lease that is held. */
  resume: (held: L) => Promise<C>;
}

/**
 * Take the masklet into this tab: with the lease that it holds already, or by a claim.
 * @throws ApiError `open_in_another_tab`, `held_by_other`, `wrong_state` …
 */
export async function takeLease<L extends Lease, C>(
  source: LeaseSource<L, C>,
  masklet: Id,
  takeover: boolean,
): Promise<C> {
  const claim = (takeover ? null : await again(source, masklet)) ?? (await source.claim(masklet, takeover));
  const lease = source.leaseOf(claim);
  remember(source.kind, lease);
  void isOurs(source.kind, lease);
  return claim;
}

/** The lease from before a reload, if it still holds. */
async function again<L extends Lease, C>(source: LeaseSource<L, C>, masklet: Id): Promise<C | null> {
  const held = recall<L>(source.kind, masklet);
  if (!held || !(await isOurs(source.kind, held))) return null;
  try {
    return await source.resume(held);
  } catch (error) {
    if (isApiError(error) && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
}
