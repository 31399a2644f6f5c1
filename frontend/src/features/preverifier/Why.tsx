import { useQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Id } from "@/api/models";
import { opinionOf } from "@/api/preverifier";

import styles from "./PreverifierPage.module.css";
import { frameWords, reasonWord } from "./words";

/**
 * Where a masklet is likely wrong, and why; each place is a way to go there. Nothing while nothing is known.
 */
export function Why({ masklet, onGo }: { masklet: Id; onGo: (frame: number) => void }) {
  const { data } = useQuery({ queryKey: keys.opinion(masklet), queryFn: () => opinionOf(masklet) });
  if (!data || data.places.length === 0) return null;
  return (
    <section aria-label="Where it may be wrong" className={styles.why}>
      <ol>
        {data.places.slice(0, 3).map((place) => (
          <li key={place.frame_idx}>
            <button type="button" onClick={() => onGo(place.frame_idx)}>
              {frameWords(place.first_frame, place.last_frame)}: {reasonWord(place.reason)}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
