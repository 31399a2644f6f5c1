import { isApiError } from "@/api/client";
import { getMasklet, getMasks, listPrompts } from "@/api/masklets";
import type { Id, MaskSet, Masklet, Prompt, Review, ReviewClaim, Video } from "@/api/models";
import { claimReview, heartbeatReview } from "@/api/reviews";
import { getVideo } from "@/api/videos";
import { isOurs, recall, remember } from "@/lib/holding";

export interface Opened {
  review: Review;
  masklet: Masklet;
  video: Video;
  masks: MaskSet;
  prompts: readonly Prompt[];
}

/**
 * Take the masklet into this tab for a verdict: with the lease that it holds already, or by a claim.
 * @throws ApiError `open_in_another_tab`, `held_by_other`, `own_masklet`, `wrong_state` …
 */
export async function openReview(id: Id, takeover: boolean): Promise<Opened> {
  const claim = (takeover ? null : await again(id)) ?? (await claimReview(id, takeover));
  remember("review", claim.review);
  void isOurs("review", claim.review);
  const [video, masks, prompts] = await Promise.all([
    getVideo(claim.masklet.video),
    getMasks(id, claim.review.revision),
    listPrompts(id),
  ]);
  return { ...claim, video, masks, prompts };
}

/** The lease from before a reload, if it still holds. */
async function again(id: Id): Promise<ReviewClaim | null> {
  const held = recall<Review>("review", id);
  if (!held || !(await isOurs("review", held))) return null;
  try {
    return { review: await heartbeatReview(held), masklet: await getMasklet(id) };
  } catch (error) {
    if (isApiError(error) && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
}
