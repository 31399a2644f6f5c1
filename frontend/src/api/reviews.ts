import { api, body, held, once } from "./client";
import type {
  Id,
  Pin,
  PreviousReview,
  Review,
  ReviewMasks,
  Verdict,
  VerdictReason,
  VerdictValue,
} from "./models";

const at = (id: Id) => ({ path: { id } });
const mine = ({ id, token }: Review) => ({ ...at(id), header: held(token) });

/** What a reviewer may ask to refine, in the order in which it is offered. */
export const listVerdictReasons = () =>
  body(api.GET("/api/verdict-reasons/")) as Promise<{ code: VerdictReason; text: string }[]>;

/** The next masklet to review, or `undefined` when the queue is empty. */
export const nextToReview = (project: Id) =>
  body(api.POST("/api/projects/{id}/queue/review/next/", { params: at(project) })) as Promise<
    Review | undefined
  >;

/** What comes first in the queue, and what else waits in its video; none when the queue is empty. */
export const reviewTogether = (project: Id) =>
  body(api.POST("/api/projects/{id}/queue/review/together/", { params: at(project) })) as Promise<{
    reviews: Review[];
  }>;

/** @throws ApiError `held_by_other`, `open_in_another_tab`, `already_judged`, `paused` or `own_masklet`. */
export const claimReview = (masklet: Id, takeover = false) =>
  body(
    api.POST("/api/masklets/{id}/review/", { params: at(masklet), body: { takeover } }),
  ) as Promise<Review>;

/** One's own review in this tab. @throws ApiError `open_in_another_tab` or `wrong_state`. */
export const resumeReview = (review: Id, takeover = false) =>
  body(api.POST("/api/reviews/{id}/resume/", { params: at(review), body: { takeover } })) as Promise<Review>;

export const getReviewMasks = (review: Id) =>
  body(api.GET("/api/reviews/{id}/masks/", { params: at(review) })) as Promise<ReviewMasks>;

/** What was sent back before; `undefined` where these are the first masks. */
export const getPrevious = (review: Id) =>
  body(api.GET("/api/reviews/{id}/previous/", { params: at(review) })) as Promise<PreviousReview | undefined>;

export const heartbeatReview = (review: Review) =>
  body(api.POST("/api/reviews/{id}/heartbeat/", { params: mine(review) })) as Promise<Review>;

/** @param keepalive lets the request outlive the page; for the last word before leaving. */
export const giveBackReview = (review: Review, keepalive = false) =>
  body(api.POST("/api/reviews/{id}/give-back/", { params: mine(review), keepalive }));

export interface NewVerdict {
  verdict: VerdictValue;
  comment?: string;
  reasons?: VerdictReason[];
  pins?: Pin[];
}

/** Unsatisfactory needs a comment, a reason or a pin. */
export const giveVerdict = (
  review: Review,
  { verdict, comment = "", reasons = [], pins = [] }: NewVerdict,
  idempotencyKey: string,
) =>
  body(
    api.POST("/api/reviews/{id}/verdict/", {
      params: { ...at(review.id), header: { ...held(review.token), ...once(idempotencyKey) } },
      body: { verdict, comment, reasons, pins },
    }),
  ) as Promise<Verdict>;

/**
 * Takes a verdict back: by its reviewer, within a minute, if nothing happened since. The masklet is held
 * again.
 */
export const undoVerdict = (verdict: Id) =>
  body(api.POST("/api/verdicts/{id}/undo/", { params: at(verdict) })) as Promise<Review>;
