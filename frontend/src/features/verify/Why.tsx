import { ScanEye } from "lucide-react";

import type { Review } from "@/api/models";

import styles from "./Why.module.css";
import { frameWords, reasonWord } from "./whyWords";

/** Of the places that are known, as many are told. */
const SHOWN = 3;

export interface WhyProps {
  /** As the review has them; null where nothing was known when it began. */
  places: Review["places"];
  /** The frame one stands on. */
  frame: number;
  onGo: (frame: number) => void;
}

/** Where the pre-verifier thinks the masks wrong, and why; each place is a way to go there. */
export function Why({ places, frame, onGo }: WhyProps) {
  if (!places?.length) return null;
  return (
    <section className={styles.why} aria-label="Where to look first">
      <h2>
        <ScanEye size={15} aria-hidden /> Where to look first
      </h2>
      <ol>
        {places.slice(0, SHOWN).map(({ frame_idx: at, first_frame: first, last_frame: last, reason }) => (
          <li key={at} aria-current={(first <= frame && frame <= last) || undefined}>
            <button
              type="button"
              // The keys stay with the player.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onGo(at)}
            >
              <span className={styles.frames}>{frameWords(first, last)}</span>
              {reasonWord(reason)}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
