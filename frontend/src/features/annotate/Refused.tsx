import { useQuery } from "@tanstack/react-query";
import { Copy, Lock, TriangleAlert, UserRound, type LucideIcon } from "lucide-react";

import { isApiError } from "@/api/client";
import { keys } from "@/api/keys";
import { getMasklet } from "@/api/masklets";
import type { Id } from "@/api/models";
import { Button, ButtonLink, EmptyState } from "@/ui";

import styles from "./Done.module.css";

export interface RefusedProps {
  masklet: Id;
  error: Error;
  onRetry: () => void;
  onTakeOver: () => void;
}

/** The masklet is not to be had now: who has it, what is safe, what to do. */
export function Refused({ masklet, error, onRetry, onTakeOver }: RefusedProps) {
  const { data } = useQuery({
    queryKey: keys.masklet(masklet),
    queryFn: () => getMasklet(masklet),
    retry: false,
  });
  const { icon, title, text } = wordsFor(error);
  const buttons = (
    <div className={styles.buttons}>
      {isApiError(error, "open_in_another_tab") ? (
        <Button variant="primary" onClick={onTakeOver}>
          Take over here
        </Button>
      ) : (
        <Button onClick={onRetry}>Try again</Button>
      )}
      <ButtonLink to={data ? `/videos/${data.video}` : "/"}>
        {data ? "Back to the video" : "To the projects"}
      </ButtonLink>
    </div>
  );
  return (
    <div className={styles.done}>
      <EmptyState icon={icon} title={title} action={buttons}>
        {text}
      </EmptyState>
    </div>
  );
}

function wordsFor(error: Error): { icon: LucideIcon; title: string; text: string } {
  if (isApiError(error, "open_in_another_tab")) {
    return {
      icon: Copy,
      title: "You have this open in another tab",
      text: "Only one tab can edit a masklet, so that nothing is overwritten. If you take over, the other tab stops editing; everything that it saved is here.",
    };
  }
  if (isApiError(error, "held_by_other"))
    return { icon: UserRound, title: error.message, text: heldUntil(error.details) };
  if (isApiError(error, "wrong_state"))
    return { icon: Lock, title: "This masklet is not to be annotated now", text: error.message };
  return { icon: TriangleAlert, title: "The masklet could not be opened", text: error.message };
}

function heldUntil(details: unknown): string {
  const until =
    typeof details === "object" && details !== null && "lease_until" in details
      ? String(details.lease_until)
      : "";
  const time = Number.isNaN(Date.parse(until))
    ? ""
    : new Date(until).toLocaleTimeString("en", { timeStyle: "short" });
  const held = time ? `Theirs is held until ${time}, and longer while they go on. ` : "";
  return `One person at a time edits a masklet. ${held}When they submit it or hand it back, it is free again.`;
}
