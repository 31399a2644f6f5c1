import { useEffect, useMemo, useState, useSyncExternalStore } from "react";

import type { VerdictValue } from "@/api/models";
import { colourOf } from "@/masks/colours";
import type { Footage } from "@/player/footage";
import { laneOf } from "@/player/lane";

import type { Opened } from "./openReview";
import type { Undoable } from "./undoable";
import { useReviewLease } from "./useReviewLease";
import { useVerdictForm } from "./useVerdictForm";
import { useVerdicts } from "./useVerdicts";

export interface ReviewOptions extends Opened {
  footage: Footage;
  /** The verdict given before this masklet came. */
  undoable: Undoable | null;
  onUndoable: (undoable: Undoable | null) => void;
  /** Claim this masklet anew. */
  onReopen: () => void;
}

/** Everything that the review page shows and does. */
export function useReview({
  review,
  masklet,
  masks,
  prompts,
  footage,
  undoable,
  onUndoable,
  onReopen,
}: ReviewOptions) {
  const { player, timeline } = footage;
  const playing = useSyncExternalStore(player.subscribe, player.read);
  const [hidden, setHidden] = useState(false);
  const form = useVerdictForm();
  const lease = useReviewLease(review);
  const verdicts = useVerdicts({
    review,
    masklet,
    onGiven: (given) => {
      lease.end();
      onUndoable(given);
    },
    onTakenBack: () => onUndoable(null),
    onLost: lease.lose,
    onReopen,
  });
  const { give, undo } = verdicts;
  // It plays by itself; whoever wants less motion starts it.
  useEffect(() => {
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) player.play();
  }, [player]);
  const frames = useMemo(
    () => new Map(Object.entries(masks.frames).map(([j, frame]) => [Number(j), frame])),
    [masks],
  );
  const prompted = useMemo(() => [...new Set(prompts.map(({ frame_idx }) => frame_idx))], [prompts]);
  const lane = useMemo(
    () => laneOf(frames, timeline.count, masks.size, masks.look_here),
    [frames, timeline, masks],
  );
  const refusal = (verdict: VerdictValue): string | undefined => {
    if (lease.lost) return "You no longer hold this masklet. Claim it again to give a verdict.";
    if (give.isPending) return "The verdict is being saved.";
    return form.refusal(verdict);
  };
  return {
    ...verdicts,
    ...{ lease, form, refusal, frames, prompted, lane, hidden },
    frame: playing.frame,
    colour: colourOf(masklet.object_id),
    over: give.isSuccess,
    hide: () => setHidden((before) => !before),
    tryToGive: (verdict: VerdictValue) => {
      const no = refusal(verdict);
      form.setProblem(no);
      if (no !== undefined) return;
      player.pause();
      give.mutate(form.verdictOf(verdict));
    },
    takeBack: () => {
      if (undoable && !undo.isPending)
        undo.mutate({ last: undoable, holding: !give.isSuccess && !lease.lost });
    },
  };
}

/** The review page as it is now. */
export type ReviewState = ReturnType<typeof useReview>;
