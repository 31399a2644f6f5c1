import { X } from "lucide-react";
import type { ReactNode } from "react";

import type { Stretch } from "@/api/models";
import { IconButton } from "@/ui";

import styles from "./describe.module.css";

export interface StretchesProps<S extends Stretch> {
  /** What they are; read aloud. */
  label: string;
  stretches: readonly S[];
  words: (stretch: S) => ReactNode;
  onRemove?: ((stretch: S) => void) | undefined;
  /** Shows a frame of it; frames count from 0. */
  onGo?: ((frame: number) => void) | undefined;
}

/** What is said of stretches of frames. */
export function Stretches<S extends Stretch>({ label, stretches, words, onRemove, onGo }: StretchesProps<S>) {
  if (stretches.length === 0) return null;
  return (
    <ul className={styles.stretches} aria-label={label}>
      {stretches.map((stretch) => (
        <li key={`${stretch.name}/${stretch.first}/${stretch.last}`}>
          <span className={styles.word}>{words(stretch)}</span>
          {onGo ? (
            <button type="button" className={styles.frames} onClick={() => onGo(stretch.first)}>
              {framesOf(stretch)}
            </button>
          ) : (
            <span className={styles.frames}>{framesOf(stretch)}</span>
          )}
          {onRemove && (
            <IconButton
              icon={X}
              size={14}
              label={`Take back ${stretch.name} of ${framesOf(stretch)}`}
              onClick={() => onRemove(stretch)}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

/** As people count: from 1. */
const framesOf = ({ first, last }: Stretch) =>
  first === last ? `frame ${first + 1}` : `frames ${first + 1}–${last + 1}`;
