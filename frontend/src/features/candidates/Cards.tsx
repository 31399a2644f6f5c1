import { BadgeCheck, CircleSlash, Eye, type LucideIcon } from "lucide-react";
import { memo, useEffect, useRef } from "react";

import type { Candidate, Id } from "@/api/models";
import { colourOf } from "@/masks/colours";
import { Chip, MASKLET_WORDS, type Tone } from "@/ui";

import styles from "./Cards.module.css";
import { FATE_WORDS, fell, SOURCE_WORDS } from "./words";

export interface CardsProps {
  candidates: readonly Candidate[];
  focused: Id | null;
  chosen: ReadonlySet<Id>;
  /** Shown of those that have no picture of their own: what another model made. */
  thumbnail: string | null;
  onFocus: (candidate: Candidate) => void;
  onChoose: (id: Id) => void;
}

/** A card for each candidate: what it is, how sure SAM 2 is of it, and why it passed or fell. */
export function Cards({ candidates, focused, chosen, thumbnail, onFocus, onChoose }: CardsProps) {
  const list = useRef<HTMLUListElement>(null);
  // One who has just come sees the page from its beginning.
  const before = useRef(focused);
  useEffect(() => {
    if (before.current === focused) return;
    before.current = focused;
    list.current?.querySelector("[data-focused]")?.scrollIntoView?.({ block: "nearest" });
  }, [focused]);
  return (
    <ul className={styles.cards} aria-label="Candidates" ref={list}>
      {candidates.map((candidate) => (
        <Card
          key={candidate.id}
          candidate={candidate}
          focused={candidate.id === focused}
          chosen={chosen.has(candidate.id)}
          thumbnail={thumbnail}
          onFocus={onFocus}
          onChoose={onChoose}
        />
      ))}
    </ul>
  );
}

interface CardProps extends Pick<CardsProps, "thumbnail" | "onFocus" | "onChoose"> {
  candidate: Candidate;
  focused: boolean;
  chosen: boolean;
}

const Card = memo(function Card(props: CardProps) {
  const { candidate, focused, chosen, thumbnail, onFocus, onChoose } = props;
  const { id, object_id: number, label, score, preview_url: preview, source, first_frame: first } = candidate;
  const name = label ? `${number} ${label}` : `Object ${number}`;
  return (
    <li className={styles.card} data-focused={focused || undefined} data-fell={fell(candidate) || undefined}>
      <button
        type="button"
        className={styles.look}
        aria-current={focused || undefined}
        aria-label={`Look at ${name}`}
        onClick={() => onFocus(candidate)}
      >
        {(preview ?? thumbnail) && <img src={preview ?? thumbnail ?? ""} alt="" loading="lazy" />}
      </button>
      <div className={styles.words}>
        <label className={styles.name}>
          <input type="checkbox" checked={chosen} onChange={() => onChoose(id)} />
          <span className={styles.swatch} style={{ background: colourOf(number) }} aria-hidden />
          <span className={styles.text}>{name}</span>
        </label>
        <FateChip candidate={candidate} />
        <span
          className={styles.score}
          title={`Score ${score.toFixed(2)}; ${SOURCE_WORDS[source]}, frame ${first + 1}`}
        >
          <span className={styles.bar} aria-hidden>
            <span style={{ width: `${100 * score}%` }} />
          </span>
          {score.toFixed(2)}
        </span>
      </div>
    </li>
  );
});

/** Where it stands; where it fell, why. */
export function FateChip({ candidate }: { candidate: Candidate }) {
  const { fate, status } = candidate;
  const { text, meaning } = FATE_WORDS[fate];
  const [tone, icon]: [Tone, LucideIcon] = fell(candidate)
    ? ["quiet", CircleSlash]
    : status === "accepted"
      ? ["good", BadgeCheck]
      : [MASKLET_WORDS[status].tone, status === "in_verification" ? Eye : MASKLET_WORDS[status].icon];
  return (
    <Chip tone={tone} icon={icon} title={meaning}>
      {fell(candidate) ? text : MASKLET_WORDS[status].text}
    </Chip>
  );
}
