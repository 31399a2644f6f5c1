import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { isApiError, newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Review } from "@/api/models";
import { giveBackReview, giveVerdict, nextToReview, undoVerdict, type NewVerdict } from "@/api/reviews";
import { forget, remember } from "@/lib/holding";

import type { NextReview, Prepared } from "./nextReview";
import { undoableFrom, type Undoable } from "./undoable";

export interface VerdictsOptions {
  review: Review;
  next: NextReview;
  onPrepared: (prepared: Prepared | null) => void;
  onGiven: (given: Undoable) => void;
  onTakenBack: () => void;
  onLost: () => void;
}

/** Giving a verdict, taking it back, leaving it, and going on to the next masklet. */
export function useVerdicts({ review, next, onPrepared, onGiven, onTakenBack, onLost }: VerdictsOptions) {
  const navigate = useNavigate();
  const client = useQueryClient();
  // One key for this verdict, so that a repeated try is not a second one.
  const [key] = useState(newIdempotencyKey);

  const advance = useMutation({
    mutationFn: async () => {
      const prepared = await next.take();
      if (prepared) onPrepared(prepared);
      return prepared?.review ?? (await nextToReview(review.project));
    },
    onSuccess: async (claim) => {
      void client.invalidateQueries({ queryKey: keys.project(review.project) });
      if (!claim) return;
      remember("review", claim);
      await navigate(`/reviews/${claim.id}`);
    },
  });
  const give = useMutation({
    mutationFn: (verdict: NewVerdict) => giveVerdict(review, verdict, key),
    onSuccess: (verdict) => {
      forget("review", review.id);
      onGiven(undoableFrom(verdict, review, Date.now()));
      advance.mutate();
    },
    onError: (error) => {
      if (isApiError(error, "lease_lost")) onLost();
    },
  });
  const undo = useMutation({
    mutationFn: async ({ last, holding }: { last: Undoable; holding: boolean }) => {
      const claim = await undoVerdict(last.verdict);
      // The lease on this masklet would only keep it from others.
      if (holding && last.review !== review.id) await giveBackReview(review).catch(() => undefined);
      return claim;
    },
    onSuccess: async (claim) => {
      onTakenBack();
      forget("review", review.id);
      remember("review", claim);
      await navigate(`/reviews/${claim.id}`);
    },
  });
  const leave = useMutation({
    mutationFn: () => giveBackReview(review),
    onSettled: async () => {
      forget("review", review.id);
      await navigate(`/projects/${review.project}`);
    },
  });
  return { advance, give, undo, leave };
}
