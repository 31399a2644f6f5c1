import { useMutation } from "@tanstack/react-query";
import { CirclePause, UsersRound } from "lucide-react";
import { useNavigate } from "react-router";

import { isApiError } from "@/api/client";
import type { Id } from "@/api/models";
import { nextToReview } from "@/api/reviews";
import { Refused, refusalWords, type RefusalWords } from "@/desk/Refused";
import { remember } from "@/lib/holding";
import { Button, ErrorNote } from "@/ui";

export interface NotToReviewProps {
  /** Where the masklet is, if that is known. */
  project?: Id | undefined;
  error: Error;
  onRetry: () => void;
  onTakeOver: () => void;
}

/** The masklet is not to be had for a verdict: why, and what to do instead. */
export function NotToReview({ project, error, onRetry, onTakeOver }: NotToReviewProps) {
  const navigate = useNavigate();
  const next = useMutation({
    mutationFn: (from: Id) => nextToReview(from),
    onSuccess: async (claim) => {
      if (!claim) return;
      remember("review", claim);
      await navigate(`/reviews/${claim.id}`);
    },
  });
  const another = project !== undefined && OTHERS_WAIT.some((code) => isApiError(error, code)) && (
    <Button
      variant="primary"
      busy={next.isPending && "Claiming the next one"}
      onClick={() => next.mutate(project)}
    >
      Review another
    </Button>
  );
  return (
    <Refused
      error={error}
      words={wordsFor(error)}
      onRetry={isApiError(error, "own_masklet") ? undefined : onRetry}
      onTakeOver={onTakeOver}
      back={
        project === undefined
          ? { label: "To the projects", to: "/" }
          : { label: "To the project", to: `/projects/${project}` }
      }
      action={another}
    >
      <p role="status">{next.isSuccess && !next.data && "Nothing else waits for your review now."}</p>
      {next.error && <ErrorNote error={next.error} />}
    </Refused>
  );
}

/** Refusals of this masklet alone. */
const OTHERS_WAIT = ["own_masklet", "already_judged", "held_by_other", "wrong_state"];

function wordsFor(error: Error): RefusalWords {
  if (isApiError(error, "own_masklet")) {
    return {
      icon: UsersRound,
      title: "You had a hand in this masklet",
      text: "A verdict must come from a person who did not annotate it. Somebody else will review it.",
    };
  }
  if (isApiError(error, "already_judged"))
    return { icon: UsersRound, title: "You gave your verdict already", text: error.message };
  if (isApiError(error, "paused"))
    return { icon: CirclePause, title: "You are paused as a reviewer", text: error.message };
  return refusalWords(error, {
    open_in_another_tab: {
      title: "You review this in another tab",
      text: "If you take over here, the other tab can give no verdict any more.",
    },
    held_by_other: {
      title: error.message,
      text: "One person at a time reviews a masklet. When they give a verdict or leave, it is free again.",
    },
    wrong_state: { title: "There is nothing to verify here now", text: error.message },
  });
}
