import { useRef, useSyncExternalStore, type KeyboardEvent, type PointerEvent } from "react";

import type { Footage } from "./footage";
import type { Lane } from "./lane";
import { clock, secondsAt } from "./timeline";
import styles from "./Timeline.module.css";

/** One masklet along the timeline. */
export interface TimelineRow {
  key: string | number;
  number: number;
  name: string;
  colour: string;
  lane: Lane;
  /** The masklet in hand; the others are drawn thinner. */
  current: boolean;
  /** Frames that carry a prompt, and frames that were painted without one. */
  prompted: readonly number[];
  painted: readonly number[];
  /** Frames that carry a prompt and no mask. */
  absent?: readonly number[];
  /** Frames that a reviewer has a note on. */
  pinned?: readonly number[];
  /** While masks are being made: frames that have theirs already. */
  fresh?: ReadonlySet<number> | undefined;
}

export interface TimelineProps {
  footage: Footage;
  rows: readonly TimelineRow[];
}

/** The lanes under the picture, and where one stands on them. Click or drag to go to a frame. */
export function Timeline({ footage, rows }: TimelineProps) {
  const { player, timeline } = footage;
  const { frame } = useSyncExternalStore(player.subscribe, player.read);
  const track = useRef<HTMLDivElement>(null);
  const { count } = timeline;

  const scrub = (event: PointerEvent) => {
    const { left, width } = track.current!.getBoundingClientRect();
    player.goTo(Math.floor(((event.clientX - left) / width) * count));
  };
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    player.goTo(Math.abs(step) === Infinity ? (step > 0 ? count - 1 : 0) : frame + step);
  };
  const at = `${((frame + 0.5) / count) * 100}%`;

  return (
    <div className={styles.timeline}>
      <div className={styles.numbers} aria-hidden>
        {rows.map((row) => (
          <div key={row.key} className={row.current ? styles.current : styles.other}>
            <span className={styles.swatch} style={{ background: row.colour }} />
            {row.number}
          </div>
        ))}
      </div>
      <div
        ref={track}
        className={styles.track}
        role="slider"
        tabIndex={0}
        aria-label="Frame"
        aria-valuemin={1}
        aria-valuemax={count}
        aria-valuenow={frame + 1}
        aria-valuetext={valueText(frame, footage, rows)}
        onKeyDown={press}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          scrub(event);
        }}
        onPointerMove={(event) => {
          if (event.buttons & 1) scrub(event);
        }}
      >
        {rows.map((row) => (
          <Row key={row.key} row={row} count={count} />
        ))}
        <div className={styles.playhead} style={{ left: at }} />
      </div>
    </div>
  );
}

const STEPS: Record<string, number> = {
  ArrowUp: 1,
  ArrowDown: -1,
  PageUp: 10,
  PageDown: -10,
  Home: -Infinity,
  End: Infinity,
};

function valueText(frame: number, { timeline }: Footage, rows: readonly TimelineRow[]): string {
  const row = rows.find(({ current }) => current);
  const doubt = row?.lane.doubts.get(frame);
  const kind = row?.lane.segments.find(({ from, to }) => from <= frame && frame < to)?.kind;
  const state =
    kind === "toDo"
      ? "still to do"
      : doubt
        ? `look here: ${doubt}`
        : kind === "absent"
          ? "the object is absent"
          : kind
            ? "mask"
            : "no mask yet";
  return `Frame ${frame + 1} of ${timeline.count}, ${clock(secondsAt(timeline, frame))}, ${state}`;
}

function Row({ row, count }: { row: TimelineRow; count: number }) {
  const place = (from: number, to: number) => ({
    left: `${(from / count) * 100}%`,
    width: `${((to - from) / count) * 100}%`,
  });
  return (
    <div
      className={row.current ? styles.current : styles.other}
      data-working={row.fresh !== undefined || undefined}
    >
      {row.lane.segments.map(({ kind, from, to }) => (
        <div key={from} className={styles[kind]} style={{ ...place(from, to), color: row.colour }} />
      ))}
      {row.fresh &&
        runsOf(row.fresh).map(([from, to]) => (
          <div key={from} className={styles.fresh} style={{ ...place(from, to), color: row.colour }} />
        ))}
      {row.current &&
        row.prompted.map((j) => <Sign key={j} sign="◆" name="Prompted" frame={j} count={count} />)}
      {row.current && row.absent?.map((j) => <Sign key={j} sign="◇" name="Absent" frame={j} count={count} />)}
      {row.current &&
        row.pinned?.map((j) => <Sign key={j} sign="▼" name="Reviewer's note" frame={j} count={count} />)}
      {row.current && row.painted.map((j) => <Sign key={j} sign="▲" name="Edited" frame={j} count={count} />)}
    </div>
  );
}

function Sign({ sign, name, frame, count }: { sign: string; name: string; frame: number; count: number }) {
  return (
    <span
      className={styles.sign}
      style={{ left: `${((frame + 0.5) / count) * 100}%` }}
      title={`${name}: frame ${frame + 1}`}
    >
      {sign}
    </span>
  );
}

/** Unbroken stretches [from, to) of a set of frames. */
function runsOf(frames: ReadonlySet<number>): [number, number][] {
  const runs: [number, number][] = [];
  for (const j of [...frames].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.[1] === j) last[1] = j + 1;
    else runs.push([j, j + 1]);
  }
  return runs;
}
