import { useQuery } from "@tanstack/react-query";

import { isApiError } from "@/api/client";
import { keys } from "@/api/keys";
import { getMasklet } from "@/api/masklets";
import type { Id } from "@/api/models";
import { Refused, refusalWords } from "@/desk/Refused";

export interface NotToAnnotateProps {
  masklet: Id;
  error: Error;
  onRetry: () => void;
  onTakeOver: () => void;
}

/** The masklet is not to be annotated in this tab now. */
export function NotToAnnotate({ masklet, error, onRetry, onTakeOver }: NotToAnnotateProps) {
  const { data } = useQuery({
    queryKey: keys.masklet(masklet),
    queryFn: () => getMasklet(masklet),
    retry: false,
  });
  const words = refusalWords(error, {
    open_in_another_tab: {
      title: "You have this open in another tab",
      text:
        "Only one tab can edit a masklet, so that nothing is overwritten. If you take over, the other tab " +
        "stops editing; everything that it saved is here.",
    },
    held_by_other: { title: error.message, text: heldUntil(isApiError(error) ? error.details : null) },
    wrong_state: { title: "This masklet is not to be annotated now", text: error.message },
  });
  const back = data
    ? { label: "Back to the video", to: `/videos/${data.video}` }
    : { label: "To the projects", to: "/" };
  return <Refused error={error} words={words} onRetry={onRetry} onTakeOver={onTakeOver} back={back} />;
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
