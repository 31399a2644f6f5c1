import { Ban, Check, RotateCcw, Unplug, type LucideIcon } from "lucide-react";

import type { Id } from "@/api/models";
import { Chip, type Tone } from "@/ui";

import type { Member, Outcome } from "./members";
import styles from "./MemberList.module.css";

const WORDS: Record<Outcome, { text: string; tone: Tone; icon: LucideIcon }> = {
  satisfactory: { text: "Satisfactory", tone: "good", icon: Check },
  unsatisfactory: { text: "Unsatisfactory", tone: "doubt", icon: RotateCcw },
  reject: { text: "Rejected", tone: "bad", icon: Ban },
  lost: { text: "No longer yours", tone: "quiet", icon: Unplug },
};

export interface MemberListProps {
  members: readonly Member[];
  selected: Id;
  onSelect: (id: Id) => void;
}

/** The masklets of the video that one holds, in their colours, with what was said of each. */
export function MemberList({ members, selected, onSelect }: MemberListProps) {
  return (
    <ol className={styles.members} aria-label="Masklets">
      {members.map(({ id, number, colour, review, outcome }) => {
        const words = outcome && WORDS[outcome];
        return (
          <li key={id}>
            <button
              type="button"
              className={styles.member}
              aria-current={id === selected || undefined}
              data-decided={outcome !== null || undefined}
              // The keys stay with the player.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onSelect(id)}
            >
              <span className={styles.swatch} style={{ background: colour }} aria-hidden />
              <span className={styles.name}>
                {number} {review.label || "one object"}
              </span>
              {words && (
                <Chip tone={words.tone} icon={words.icon}>
                  {words.text}
                </Chip>
              )}
            </button>
          </li>
        );
      })}
    </ol>
  );
}
