import type { Shapes } from "@/masks/shapes";
import { PlayBar } from "@/player/PlayBar";
import { Timeline } from "@/player/Timeline";
import { Button } from "@/ui";

import { ContactSheet } from "./ContactSheet";
import styles from "./ReviewDesk.module.css";
import type { Looking } from "./useLooking";

/** Play bar, lane and contact sheet. */
export function ReviewTime({
  looking,
  shapes,
  pinned,
}: {
  looking: Looking;
  shapes: Shapes;
  pinned: readonly number[];
}) {
  const { footage, lane, colour, look, byDoubt } = looking;
  const { length } = lane.places;
  return (
    <div className={styles.time}>
      <PlayBar footage={footage}>
        <span className={styles.doubts}>
          {length > 0 &&
            `${length === 1 ? "One place is" : `${length} places are`} likely to be wrong: G goes there`}
        </span>
        <Button small variant="quiet" shortcut="L" onClick={looking.changeLook}>
          Mask: {look}
        </Button>
        <Button small variant="quiet" shortcut="O" onClick={looking.changeOrder}>
          Sheet by {byDoubt ? "doubt" : "time"}
        </Button>
      </PlayBar>
      <Timeline
        footage={footage}
        rows={[
          {
            key: "masklet",
            number: 1,
            name: "",
            colour,
            lane,
            current: true,
            prompted: [],
            painted: [],
            pinned,
          },
        ]}
      />
      <ContactSheet looking={looking} shapes={shapes} />
    </div>
  );
}
