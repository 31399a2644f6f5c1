import { useEffect, useMemo, useState } from "react";

import type { PreviousReview, ReviewMasks } from "@/api/models";
import type { StageHandle } from "@/canvas/Stage";
import { colourOf } from "@/masks/colours";
import type { Footage } from "@/player/footage";
import { laneOf } from "@/player/lane";
import { RATES } from "@/player/PlayBar";

import { nextLook, type Look } from "./looks";

/** Objects are not numbered where one reviews: one colour for all. */
const COLOUR = colourOf(1);

/** How one looks at the masklet: what is drawn, beside what, in which order. */
export function useLooking(footage: Footage, masks: ReviewMasks, previous: PreviousReview | null) {
  const { player, timeline } = footage;
  const [stage, setStage] = useState<StageHandle | null>(null);
  const [hidden, setHidden] = useState(false);
  const [look, setLook] = useState<Look>("filled");
  const [before, setBefore] = useState(false);
  const [byDoubt, setByDoubt] = useState(false);
  const frames = useMemo(
    () => new Map(Object.entries(masks.frames).map(([j, frame]) => [Number(j), frame])),
    [masks],
  );
  const lane = useMemo(
    () => laneOf(frames, timeline.count, masks.size, masks.suggested_frames),
    [frames, timeline, masks],
  );

  // It plays by itself; whoever wants less motion starts it.
  useEffect(() => {
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) player.play();
  }, [player]);
  const pace = (by: 1 | -1) => {
    const at = RATES.indexOf(player.read().rate) + by;
    const rate = RATES[Math.max(0, Math.min(RATES.length - 1, at))];
    if (rate !== undefined) player.setRate(rate);
  };
  return {
    footage,
    masks,
    previous,
    frames,
    lane,
    colour: COLOUR,
    stage,
    setStage,
    hidden,
    hide: () => setHidden((was) => !was),
    look,
    changeLook: () => setLook(nextLook),
    before: before && previous !== null,
    compare: () => setBefore((was) => !was),
    byDoubt,
    changeOrder: () => setByDoubt((was) => !was),
    pace,
  };
}

export type Looking = ReturnType<typeof useLooking>;
