import type { Footage } from "@/player/footage";
import { PlayBar } from "@/player/PlayBar";
import { Timeline } from "@/player/Timeline";

import type { Controls } from "./actions/spec";
import type { Desk } from "./desk";
import styles from "./Desk.module.css";
import { FramesToDo } from "./FramesToDo";
import type { Next } from "./hint";
import { PropagationBar } from "./Propagation";
import { rowsOf } from "./scene";
import type { Other } from "./useOthers";

export interface DeskTimeProps {
  footage: Footage;
  desk: Desk;
  controls: Controls;
  others: readonly Other[];
  /** Frames that reviewers pinned. */
  pinned: readonly number[];
  next: Next | null;
}

/** The masks through time: playing, propagating or going to frames that still need one; the timeline. */
export function DeskTime({ footage, desk, controls, others, pinned, next }: DeskTimeProps) {
  return (
    <div className={styles.time}>
      <PlayBar footage={footage}>
        {desk.protocol?.every_frame ? (
          <FramesToDo
            left={desk.toDo.length}
            count={desk.count}
            next={controls["next-to-do"]}
            primary={next === "another frame"}
          />
        ) : (
          <PropagationBar work={desk.work} controls={controls} next={next === "propagate"} />
        )}
      </PlayBar>
      <Timeline footage={footage} rows={rowsOf(desk, others, pinned)} />
    </div>
  );
}
