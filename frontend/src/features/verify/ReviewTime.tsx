import type { Masklet, MaskSet } from "@/api/models";
import type { Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";
import { PlayBar } from "@/player/PlayBar";
import { Timeline } from "@/player/Timeline";

import { ContactSheet } from "./ContactSheet";
import styles from "./ReviewDesk.module.css";
import type { ReviewState } from "./useReview";

export interface ReviewTimeProps {
  footage: Footage;
  shapes: Shapes;
  masklet: Masklet;
  masks: MaskSet;
  state: ReviewState;
}

/** The masklet through time: playing, the timeline, and the whole of it at one look. */
export function ReviewTime({ footage, shapes, masklet, masks, state }: ReviewTimeProps) {
  const { lane, prompted, colour } = state;
  const { length } = lane.places;
  const row = {
    key: masklet.id,
    number: masklet.object_id,
    name: masklet.label,
    ...{ colour, lane, prompted },
    current: true,
    painted: [],
  };
  return (
    <div className={styles.time}>
      <PlayBar footage={footage}>
        <span className={styles.doubts}>
          {length > 0 &&
            `${length === 1 ? "One place is" : `${length} places are`} likely to be wrong: G goes there`}
        </span>
      </PlayBar>
      <Timeline footage={footage} rows={[row]} />
      <ContactSheet footage={footage} shapes={shapes} masks={masks} colour={colour} lane={lane} />
    </div>
  );
}
