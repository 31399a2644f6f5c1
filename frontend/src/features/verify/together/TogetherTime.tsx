import { useMemo } from "react";

import { laneOf } from "@/player/lane";
import { PlayBar } from "@/player/PlayBar";
import { Timeline } from "@/player/Timeline";
import { Button } from "@/ui";

import styles from "../ReviewDesk.module.css";
import type { Looking } from "../useLooking";
import type { Member } from "./members";

interface TogetherTimeProps {
  members: readonly Member[];
  selected: Member;
  looking: Looking;
}

/** Play bar, and a lane for each masklet. */
export function TogetherTime({ members, selected, looking }: TogetherTimeProps) {
  const { footage, look, changeLook } = looking;
  const { count } = footage.timeline;
  const lanes = useMemo(
    () =>
      new Map(
        members.map(({ id, masks }) => {
          const frames = new Map(Object.entries(masks.frames).map(([j, frame]) => [Number(j), frame]));
          return [id, laneOf(frames, count, masks.size, masks.suggested_frames)];
        }),
      ),
    [members, count],
  );
  return (
    <div className={styles.time}>
      <PlayBar footage={footage}>
        <Button small variant="quiet" shortcut="L" onClick={changeLook}>
          Mask: {look}
        </Button>
      </PlayBar>
      <Timeline
        footage={footage}
        rows={members.map(({ id, number, colour, review }) => ({
          key: id,
          number,
          name: review.label,
          colour,
          lane: lanes.get(id)!,
          current: id === selected.id,
          prompted: [],
          painted: [],
        }))}
      />
    </div>
  );
}
