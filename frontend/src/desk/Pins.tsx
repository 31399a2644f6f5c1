import { Pin as PinIcon, X } from "lucide-react";
import { useEffect, useEffectEvent, useRef } from "react";

import type { Pin } from "@/api/models";
import { IconButton } from "@/ui";

import styles from "./Pins.module.css";

export interface PinsProps {
  pins: readonly Pin[];
  /** The frame one stands on. */
  frame: number;
  onGo: (frame: number) => void;
  /** Left out where one only reads. */
  onNote?: (frame: number, note: string) => void;
  onRemove?: (frame: number) => void;
}

/** Notes on frames: written by a reviewer, read by whoever refines. */
export function Pins({ pins, frame, onGo, onNote, onRemove }: PinsProps) {
  if (pins.length === 0) return null;
  return (
    <ol className={styles.pins} aria-label="Pinned frames">
      {pins.map(({ frame_idx: at, note, strokes }) => (
        <li key={at} className={styles.pin} aria-current={at === frame || undefined}>
          <button
            type="button"
            className={styles.go}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onGo(at)}
          >
            <PinIcon size={13} aria-hidden /> {at + 1}
          </button>
          {onNote ? (
            <Note frame={at} note={note} drawn={strokes.length > 0} onNote={onNote} />
          ) : (
            <span className={styles.note}>{note || "See where it is drawn."}</span>
          )}
          {onRemove && (
            <IconButton icon={X} label={`Remove the pin on frame ${at + 1}`} onClick={() => onRemove(at)} />
          )}
        </li>
      ))}
    </ol>
  );
}

interface NoteProps {
  frame: number;
  note: string;
  drawn: boolean;
  onNote: (frame: number, note: string) => void;
}

/** One who has just pinned a frame goes on by writing. */
function Note({ frame, note, drawn, onNote }: NoteProps) {
  const input = useRef<HTMLInputElement>(null);
  const isNew = useEffectEvent(() => note === "" && !drawn);
  useEffect(() => {
    if (isNew()) input.current?.focus();
  }, []);
  return (
    <input
      ref={input}
      className={styles.note}
      aria-label={`Note on frame ${frame + 1}`}
      value={note}
      maxLength={500}
      placeholder={drawn ? "drawn; say more?" : "what is wrong here?"}
      onChange={(event) => onNote(frame, event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}
