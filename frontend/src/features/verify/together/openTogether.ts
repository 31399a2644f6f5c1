import { isApiError } from "@/api/client";
import type { Id, Review } from "@/api/models";
import { remember } from "@/lib/holding";

import { openReview, type Opened } from "../openReview";

/** Where several reviews of one video are looked at. */
export const togetherPath = (ids: readonly Id[]): string => `/reviews/together/${ids.join("-")}`;

/** The reviews that an address names; those that are no numbers are none. */
export const idsIn = (address: string): Id[] => [
  ...new Set(
    address
      .split("-")
      .map(Number)
      .filter((id) => Number.isInteger(id) && id > 0),
  ),
];

/** Keeps what was just claimed for this tab; where to go with it. */
export function heldTogether(reviews: readonly Review[]): string {
  for (const review of reviews) remember("review", review);
  return togetherPath(reviews.map(({ id }) => id));
}

/**
 * Those of `ids` that still wait for a verdict, into this tab.
 * @throws ApiError `open_in_another_tab`, or what stands in the way of all of them.
 */
export async function openTogether(ids: readonly Id[], takeover: boolean): Promise<Opened[]> {
  const tried = await Promise.allSettled(ids.map((id) => openReview(id, takeover)));
  const opened = tried.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const refused = tried.flatMap((each) => (each.status === "rejected" ? [each.reason as Error] : []));
  const elsewhere = refused.find((error) => isApiError(error, "open_in_another_tab"));
  if (elsewhere) throw elsewhere;
  if (opened.length === 0) throw refused[0] ?? new Error("This address names no review.");
  return opened;
}
