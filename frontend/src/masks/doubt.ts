/** What the model says about one mask of its own. */
export interface MaskScores {
  /** Its guess of the mask's IoU, 0 to 1. */
  predicted_iou: number | null;
  /** Logit: above 0 the object is there, below 0 it is hidden or gone. */
  object_score: number | null;
  /** IoU of the mask cut a little lower and a little higher, 0 to 1. */
  stability: number | null;
}

const LOW_IOU = 0.7;
const NEAR_ZERO = 1;
const LOW_STABILITY = 0.65;

/**
 * Why a person should look at this mask, as a few words; null where the model is sure. A mask that
 * is surely absent (score far below 0) asks for no look, whatever its predicted IoU.
 */
export function doubtOf(scores: MaskScores): string | null {
  const { predicted_iou: iou, object_score: score, stability } = scores;
  if (score !== null && Math.abs(score) < NEAR_ZERO) return "the object may be hidden";
  if (score !== null && score <= -NEAR_ZERO) return null;
  if (iou !== null && iou < LOW_IOU) return "the mask may be wrong";
  if (stability !== null && stability < LOW_STABILITY) return "the outline is unsure";
  return null;
}
