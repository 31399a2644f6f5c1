import { Ban, Check, RotateCcw, type LucideIcon } from "lucide-react";

import type { VerdictValue } from "@/api/models";
import { Tooltip } from "@/ui";

import styles from "./VerdictKeys.module.css";

export interface VerdictKeysProps {
  /** The verdict that is being sent. */
  sending: VerdictValue | null;
  /** Why a verdict cannot be given now. */
  refusal: (verdict: VerdictValue) => string | undefined;
  onGive: (verdict: VerdictValue) => void;
}

const KEYS: readonly {
  verdict: VerdictValue;
  key: string;
  text: string;
  meaning: string;
  icon: LucideIcon;
}[] = [
  {
    verdict: "satisfactory",
    key: "S",
    text: "Satisfactory",
    meaning: "right from first to last",
    icon: Check,
  },
  {
    verdict: "unsatisfactory",
    key: "U",
    text: "Unsatisfactory",
    meaning: "back to be refined",
    icon: RotateCcw,
  },
  { verdict: "reject", key: "J", text: "Reject", meaning: "no well-defined object", icon: Ban },
];

/** The three verdicts, large, each with its letter. */
export function VerdictKeys({ sending, refusal, onGive }: VerdictKeysProps) {
  return (
    <div className={styles.keys} role="group" aria-label="Verdict">
      {KEYS.map(({ verdict, key, text, meaning, icon: Icon }) => {
        const reason = refusal(verdict);
        const button = (
          <button
            key={verdict}
            type="button"
            className={styles.key}
            data-verdict={verdict}
            aria-disabled={reason !== undefined || undefined}
            aria-busy={sending === verdict || undefined}
            aria-keyshortcuts={key}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => {
              if (reason === undefined) onGive(verdict);
            }}
          >
            <kbd className={styles.letter}>{key}</kbd>
            <span className={styles.words}>
              <span className={styles.text}>
                <Icon size={15} aria-hidden />
                {text}
              </span>
              <span className={styles.meaning}>{sending === verdict ? "Saving the verdict" : meaning}</span>
            </span>
          </button>
        );
        return reason === undefined ? (
          button
        ) : (
          <Tooltip key={verdict} text={reason} side="left">
            {button}
          </Tooltip>
        );
      })}
    </div>
  );
}
