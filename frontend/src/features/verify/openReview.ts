import { isApiError } from "@/api/client";
import type { Id, PreviousReview, Review, ReviewMasks, Video } from "@/api/models";
import { getPrevious, getReviewMasks, heartbeatReview, resumeReview } from "@/api/reviews";
import { getVideo } from "@/api/videos";
import { isOurs, recall, remember } from "@/lib/holding";

export interface Opened {
  review: Review;
  video: Video;
  masks: ReviewMasks;
  /** What was sent back before; null where these are the first masks. */
  previous: PreviousReview | null;
}

/**
 * Take one's own review into this tab: with the lease that it holds already, or anew.
 * @throws ApiError `open_in_another_tab`, `wrong_state` …
 */
export async function openReview(id: Id, takeover: boolean): Promise<Opened> {
  const review = (takeover ? null : await again(id)) ?? (await resumeReview(id, takeover));
  return fetchReview(review);
}

/** All that is looked at. */
export async function fetchReview(review: Review): Promise<Opened> {
  remember("review", review);
  void isOurs("review", review);
  const [video, masks, previous] = await Promise.all([getVideo(review.video), getReviewMasks(review.id), getPrevious(review.id)]);
  return { review, video, masks, previous: previous ?? null };
}

/** The lease from before a reload, if it still holds. */
async function again(id: Id): Promise<Review | null> {
  const held = recall<Review>("review", id);
  if (!held || !(await isOurs("review", held))) return null;
  try {
    return await heartbeatReview(held);
  } catch (error) {
    if (isApiError(error) && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
}
