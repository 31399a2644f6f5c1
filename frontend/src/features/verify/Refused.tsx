import { useMutation, useQuery } from "@tanstack/react-query";
import { Copy, Lock, TriangleAlert, UserRound, UsersRound, type LucideIcon } from "lucide-react";
import { useNavigate } from "react-router";

import { isApiError } from "@/api/client";
import { keys } from "@/api/keys";
import { getMasklet } from "@/api/masklets";
import type { Id } from "@/api/models";
import { nextToReview } from "@/api/reviews";
import { remember } from "@/lib/holding";
import { Button, ButtonLink, EmptyState, ErrorNote } from "@/ui";

import styles from "./Refused.module.css";

export interface RefusedProps {
  masklet: Id;
  error: Error;
  onRetry: () => void;
  onTakeOver: () => void;
}

/** The masklet is not to be had for a verdict: why, and what to do instead. */
export function Refused({ masklet, error, onRetry, onTakeOver }: RefusedProps) {
  const navigate = useNavigate();
  const { data } = useQuery({
    queryKey: keys.masklet(masklet),
    queryFn: () => getMasklet(masklet),
    retry: false,
  });
  const next = useMutation({
    mutationFn: (project: Id) => nextToReview(project),
    onSuccess: async (claim) => {
      if (!claim) return;
      remember("review", claim.review);
      await navigate(`/review/${claim.masklet.id}`);
    },
  });
  const { icon, title, text } = wordsFor(error);
  const elsewhere = isApiError(error, "open_in_another_tab");
  return (
    <div className={styles.refused}>
      <EmptyState
        icon={icon}
        title={title}
        action={
          <div className={styles.buttons}>
            {elsewhere ? (
              <Button variant="primary" onClick={onTakeOver}>
                Take over here
              </Button>
            ) : (
              data &&
              OTHERS_WAIT.some((code) => isApiError(error, code)) && (
                <Button
                  variant="primary"
                  busy={next.isPending && "Claiming the next one"}
                  onClick={() => next.mutate(data.project)}
                >
                  Review another
                </Button>
              )
            )}
            {!isApiError(error, "own_masklet") && !elsewhere && <Button onClick={onRetry}>Try again</Button>}
            <ButtonLink variant="quiet" to={data ? `/projects/${data.project}` : "/"}>
              {data ? "To the project" : "To the projects"}
            </ButtonLink>
          </div>
        }
      >
        {text}
      </EmptyState>
      <p role="status">{next.isSuccess && !next.data && "Nothing else waits for your review now."}</p>
      {next.error && <ErrorNote error={next.error} />}
    </div>
  );
}

/** Refusals of this masklet alone. */
const OTHERS_WAIT = ["own_masklet", "held_by_other", "wrong_state"];

function wordsFor(error: Error): { icon: LucideIcon; title: string; text: string } {
  if (isApiError(error, "own_masklet")) {
    return {
      icon: UsersRound,
      title: "You had a hand in this masklet",
      text: "A verdict must come from a person who did not annotate it. Somebody else will review it.",
    };
  }
  if (isApiError(error, "open_in_another_tab")) {
    return {
      icon: Copy,
      title: "You review this in another tab",
      text: "If you take over here, the other tab can give no verdict any more.",
    };
  }
  if (isApiError(error, "held_by_other")) {
    return {
      icon: UserRound,
      title: error.message,
      text: "One person at a time reviews a masklet. When they give a verdict or leave, it is free again.",
    };
  }
  if (isApiError(error, "wrong_state"))
    return { icon: Lock, title: "There is nothing to verify here now", text: error.message };
  return { icon: TriangleAlert, title: "The masklet could not be opened", text: error.message };
}
