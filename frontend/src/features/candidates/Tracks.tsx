import { useEffect, useRef } from "react";

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
  onFocus: (id: Id) => void;
  onFrame: (frame: number) => void;
}

/** One lane for each candidate, over the frames of the video. What fell is hatched. */
export function Tracks({ candidates, frameCount, frame, focused, onFocus, onFrame }: TracksProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest" });
  }, [focused]);
  const at = (j: number) => `${(100 * j) / frameCount}%`;
  return (
    <div className={styles.tracks}>
      <div className={styles.lanes} ref={box} role="list" aria-label="Tracks">
        {candidates.map((candidate) => {
          const { id, object_id: number, areas, fate } = candidate;
          const there = stretches(areas);
          return (
            <div key={id} role="listitem">
              <button
                type="button"
                className={styles.lane}
                aria-current={id === focused || undefined}
                aria-label={`Object ${number}, ${FATE_WORDS[fate].text}, on ${areas.filter(Boolean).length} of ${frameCount} frames`}
                data-fell={fell(candidate) || undefined}
                tabIndex={id === focused ? 0 : -1}
                onClick={() => onFocus(id)}
              >
                {there.map(({ first, last }) => (
                  <span
                    key={first}
                    className={styles.stretch}
                    style={{ left: at(first), width: at(last - first + 1), background: colourOf(number) }}
                  />
                ))}
              </button>
            </div>
          );
        })}
        <span className={styles.cursor} style={{ left: at(frame + 0.5) }} aria-hidden />
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
