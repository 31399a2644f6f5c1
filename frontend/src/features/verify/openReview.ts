import { getMasklet, getMasks, listPrompts } from "@/api/masklets";
import type { Id, MaskSet, Masklet, Prompt, Review, ReviewClaim, Video } from "@/api/models";
import { claimReview, heartbeatReview } from "@/api/reviews";
import { getVideo } from "@/api/videos";
import { takeLease, type LeaseSource } from "@/desk/takeLease";

export interface Opened {
  review: Review;
  masklet: Masklet;
  video: Video;
  masks: MaskSet;
  prompts: readonly Prompt[];
}

const REVIEW: LeaseSource<Review, ReviewClaim> = {
  kind: "review",
  leaseOf: ({ review }) => review,
  claim: claimReview,
  resume: async (held) => ({ review: await heartbeatReview(held), masklet: await getMasklet(held.masklet) }),
};

/** Take the masklet into this tab for a verdict; a claim may be refused as `own_masklet` too. */
export async function openReview(id: Id, takeover: boolean): Promise<Opened> {
  const claim = await takeLease(REVIEW, id, takeover);
  const [video, masks, prompts] = await Promise.all([
    getVideo(claim.masklet.video),
    getMasks(id, claim.review.revision),
    listPrompts(id),
  ]);
  return { ...claim, video, masks, prompts };
}
