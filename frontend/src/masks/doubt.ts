import type { Doubt } from "@/api/models";

/** Why to look at a mask, as words that go on a sentence. */
export const DOUBT_WORDS: Record<Doubt["reason"], string> = {
  low_predicted_iou: "the model is unsure of this mask",
  unstable_edge: "the outline is unsure",
  size_changed: "the mask has grown or shrunk a lot",
  shape_changed: "the mask has another shape than before",
  far_from_prompt: "the nearest prompt is far away",
  object_lost: "there is no mask, the object may still be there",
  object_back: "the object came back, it may be another one",
};

type Stretch = Pick<Doubt, "frame_idx" | "first_frame" | "last_frame">;

/**
 * Where G goes from `frame`: `places` come in the order in which to look, so to the one after the
 * place where one stands, and to the first from anywhere else and after the last.
 */
export function nextPlace(places: readonly Stretch[], frame: number): number | null {
  const here = places.findIndex(({ first_frame, last_frame }) => first_frame <= frame && frame <= last_frame);
  return (places[here + 1] ?? places[0])?.frame_idx ?? null;
}
