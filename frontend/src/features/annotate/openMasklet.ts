import { claimMasklet, heartbeatAssignment } from "@/api/assignments";
import { isApiError } from "@/api/client";
import { getMasklet } from "@/api/masklets";
import type { Assignment, Claim, Id, Video } from "@/api/models";
import { getVideo } from "@/api/videos";
import { isOurs, recall, remember } from "@/lib/holding";

export interface Opened extends Claim {
  video: Video;
}

/**
 * Take the masklet into this tab: with the lease that it holds already, or by a claim.
 * @throws ApiError `open_in_another_tab`, `held_by_other`, `wrong_state` …
 */
export async function openMasklet(id: Id, takeover: boolean): Promise<Opened> {
  const claim = (takeover ? null : await again(id)) ?? (await claimMasklet(id, takeover));
  remember("assignment", claim.assignment);
  void isOurs("assignment", claim.assignment);
  return { ...claim, video: await getVideo(claim.masklet.video) };
}

/** The lease from before a reload, if it still holds. */
async function again(id: Id): Promise<Claim | null> {
  const held = recall<Assignment>("assignment", id);
  if (!held || !(await isOurs("assignment", held))) return null;
  try {
    const assignment = await heartbeatAssignment(held);
    return { assignment, masklet: await getMasklet(id) };
  } catch (error) {
    if (isApiError(error) && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
}
