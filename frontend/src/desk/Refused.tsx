import { Copy, Lock, TriangleAlert, UserRound, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { isApiError } from "@/api/client";
import { Button, ButtonLink, EmptyState } from "@/ui";

import styles from "./Refused.module.css";

/** What a refusal is called and what it means. */
export interface RefusalWords {
  icon: LucideIcon;
  title: string;
  text: string;
}

export interface RefusedProps {
  error: Error;
  words: RefusalWords;
  /** Left out where another try cannot help. */
  onRetry?: (() => void) | undefined;
  onTakeOver: () => void;
  /** Where to go instead. */
  back: { label: string; to: string };
  /** What else can be done, first. */
  action?: ReactNode;
  /** What came of that. */
  children?: ReactNode;
}

/** The masklet is not to be had now: who has it, what is safe, what to do. */
export function Refused({ error, words, onRetry, onTakeOver, back, action, children }: RefusedProps) {
  const elsewhere = isApiError(error, "open_in_another_tab");
  return (
    <div className={styles.refused}>
      <EmptyState
        icon={words.icon}
        title={words.title}
        action={
          <div className={styles.buttons}>
            {elsewhere && (
              <Button variant="primary" onClick={onTakeOver}>
                Take over here
              </Button>
            )}
            {action}
            {!elsewhere && onRetry && <Button onClick={onRetry}>Try again</Button>}
            <ButtonLink variant="quiet" to={back.to}>
              {back.label}
            </ButtonLink>
          </div>
        }
      >
        {words.text}
      </EmptyState>
      {children}
    </div>
  );
}

/** The codes with which a claim is refused, and what each says here. */
export type ClaimWords = Record<
  "open_in_another_tab" | "held_by_other" | "wrong_state",
  { title: string; text: string }
>;

const ICONS = { open_in_another_tab: Copy, held_by_other: UserRound, wrong_state: Lock } as const;

/** The words for `error`: those of its code, else its own. */
export function refusalWords(error: Error, words: ClaimWords): RefusalWords {
  for (const code of ["open_in_another_tab", "held_by_other", "wrong_state"] as const) {
    if (isApiError(error, code)) return { icon: ICONS[code], ...words[code] };
  }
  return { icon: TriangleAlert, title: "The masklet could not be opened", text: error.message };
}
