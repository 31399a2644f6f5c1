import type { Id, PreviousReview, Review, ReviewMasks, Video } from "@/api/models";
import { getPrevious, getReviewMasks, heartbeatReview, resumeReview } from "@/api/reviews";
import { getVideo } from "@/api/videos";
import { takeLease, type LeaseSource } from "@/desk/takeLease";
import { isOurs, remember } from "@/lib/holding";

export interface Opened {
  review: Review;
  video: Video;
  masks: ReviewMasks;
  /** What was sent back before; null where these are the first masks. */
  previous: PreviousReview | null;
}

const REVIEW: LeaseSource<Review, Review> = {
  kind: "review",
  leaseOf: (review) => review,
  claim: resumeReview,
  resume: heartbeatReview,
};

/** Take one's own review into this tab. */
export async function openReview(id: Id, takeover: boolean): Promise<Opened> {
  return withWhatIsSeen(await takeLease(REVIEW, id, takeover));
}

/** The same for one that was claimed a moment ago, before one comes to it. */
export async function openAhead(review: Review): Promise<Opened> {
  remember("review", review);
  void isOurs("review", review);
  return withWhatIsSeen(review);
}

async function withWhatIsSeen(review: Review): Promise<Opened> {
  const [video, masks, previous] = await Promise.all([
    getVideo(review.video),
    getReviewMasks(review.id),
    getPrevious(review.id),
  ]);
  return { review, video, masks, previous: previous ?? null };
}
