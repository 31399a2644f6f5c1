import { memo, useEffect, useRef } from "react";

import type { Candidate, Id } from "@/api/models";
import { colourOf } from "@/masks/colours";

import styles from "./Tracks.module.css";
import { stretches } from "./tracks";
import { fell, FATE_WORDS } from "./words";

export interface TracksProps {
  candidates: readonly Candidate[];
  frameCount: number;
  frame: number;
  focused: Id | null;
  onFocus: (candidate: Candidate) => void;
  onFrame: (frame: number) => void;
}

/** One lane for each candidate, over the frames of the video. What fell is hatched. */
export function Tracks({ candidates, frameCount, frame, focused, onFocus, onFrame }: TracksProps) {
  const box = useRef<HTMLDivElement>(null);
  const before = useRef(focused);
  useEffect(() => {
    if (before.current === focused) return;
    before.current = focused;
    box.current?.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest" });
  }, [focused]);
  return (
    <div className={styles.tracks}>
      <div className={styles.lanes} ref={box}>
        <div className={styles.rows} role="list" aria-label="Tracks">
          {candidates.map((candidate) => (
            <Lane
              key={candidate.id}
              candidate={candidate}
              focused={candidate.id === focused}
              frameCount={frameCount}
              onFocus={onFocus}
            />
          ))}
        </div>
        <span className={styles.cursor} style={{ left: at(frame + 0.5, frameCount) }} aria-hidden />
      </div>
      <label className={styles.slider}>
        <span className="visually-hidden">Frame</span>
        <input
          type="range"
          min={0}
          max={Math.max(0, frameCount - 1)}
          value={frame}
          aria-valuetext={`frame ${frame + 1} of ${frameCount}`}
          onChange={(event) => onFrame(Number(event.target.value))}
        />
      </label>
    </div>
  );
}

const at = (j: number, frameCount: number) => `${(100 * j) / frameCount}%`;

interface LaneProps extends Pick<TracksProps, "frameCount" | "onFocus"> {
  candidate: Candidate;
  focused: boolean;
}

const Lane = memo(function Lane({ candidate, focused, frameCount, onFocus }: LaneProps) {
  const { object_id: number, areas, fate } = candidate;
  return (
    <div role="listitem">
      <button
        type="button"
        className={styles.lane}
        aria-current={focused || undefined}
        aria-label={`Object ${number}, ${FATE_WORDS[fate].text}, on ${areas.filter(Boolean).length} of ${frameCount} frames`}
        data-fell={fell(candidate) || undefined}
        tabIndex={focused ? 0 : -1}
        onClick={() => onFocus(candidate)}
      >
        {stretches(areas).map(({ first, last }) => (
          <span
            key={first}
            className={styles.stretch}
            style={{
              left: at(first, frameCount),
              width: at(last - first + 1, frameCount),
              background: colourOf(number),
            }}
          />
        ))}
      </button>
    </div>
  );
});
