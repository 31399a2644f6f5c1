import { claimMasklet, heartbeatAssignment } from "@/api/assignments";
import { getMasklet } from "@/api/masklets";
import type { Assignment, Claim, Id, Video } from "@/api/models";
import { getVideo } from "@/api/videos";
import { takeLease, type LeaseSource } from "@/desk/takeLease";

export interface Opened extends Claim {
  video: Video;
}

const ASSIGNMENT: LeaseSource<Assignment, Claim> = {
  kind: "assignment",
  leaseOf: ({ assignment }) => assignment,
  claim: claimMasklet,
  resume: async (held) => ({
    assignment: await heartbeatAssignment(held),
    masklet: await getMasklet(held.masklet),
  }),
};

/** Take the masklet into this tab to annotate it. */
export async function openMasklet(id: Id, takeover: boolean): Promise<Opened> {
  const claim = await takeLease(ASSIGNMENT, id, takeover);
  return { ...claim, video: await getVideo(claim.masklet.video) };
}
