import { api, body, held, once } from "./client";
import type { Id, Masklet, Review, ReviewClaim, Verdict, VerdictReason, VerdictValue } from "./models";

const at = (id: Id) => ({ path: { id } });
const mine = ({ id, token }: Review) => ({ ...at(id), header: held(token) });

/** The next masklet to review, or `undefined` when the queue is empty. */
export const nextToReview = (project: Id) =>
  body(api.POST("/api/projects/{id}/queue/review/next/", { params: at(project) })) as Promise<
    ReviewClaim | undefined
  >;

/** @throws ApiError `held_by_other`, `open_in_another_tab`, or `own_masklet`. */
export const claimReview = (masklet: Id, takeover = false) =>
  body(
    api.POST("/api/masklets/{id}/review/", { params: at(masklet), body: { takeover } }),
  ) as Promise<ReviewClaim>;

export const heartbeatReview = (review: Review) =>
  body(api.POST("/api/reviews/{id}/heartbeat/", { params: mine(review) })) as Promise<Review>;

/** @param keepalive lets the request outlive the page; for the last word before leaving. */
export const giveBackReview = (review: Review, keepalive = false) =>
  body(api.POST("/api/reviews/{id}/give-back/", { params: mine(review), keepalive })) as Promise<Masklet>;

export interface NewVerdict {
  verdict: VerdictValue;
  comment?: string;
  reasons?: VerdictReason[];
}

/** Unsatisfactory needs a comment or a reason. */
export const giveVerdict = (
  review: Review,
  { verdict, comment = "", reasons = [] }: NewVerdict,
  idempotencyKey: string,
) =>
  body(
    api.POST("/api/reviews/{id}/verdict/", {
      params: { ...at(review.id), header: { ...held(review.token), ...once(idempotencyKey) } },
      body: { verdict, comment, reasons },
    }),
  ) as Promise<Verdict>;

/**
 * Takes a verdict back: by its reviewer, within a minute, if nothing happened since. The masklet is held
 * again.
 */
export const undoVerdict = (verdict: Id) =>
  body(api.POST("/api/verdicts/{id}/undo/", { params: at(verdict) })) as Promise<ReviewClaim>;
