import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { isApiError, newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Masklet, Review } from "@/api/models";
import { giveBackReview, giveVerdict, nextToReview, undoVerdict, type NewVerdict } from "@/api/reviews";
import { forget, remember } from "@/lib/holding";

import { undoableFrom, type Undoable } from "./undoable";

export interface VerdictsOptions {
  review: Review;
  masklet: Masklet;
  onGiven: (given: Undoable) => void;
  onTakenBack: () => void;
  onLost: () => void;
  /** Claim this masklet anew. */
  onReopen: () => void;
}

/** Giving a verdict, taking it back, leaving it, and going on to the next masklet. */
export function useVerdicts({ review, masklet, onGiven, onTakenBack, onLost, onReopen }: VerdictsOptions) {
  const navigate = useNavigate();
  const client = useQueryClient();
  // One key for this verdict, so that a repeated try is not a second one.
  const [key] = useState(newIdempotencyKey);

  const advance = useMutation({
    mutationFn: () => nextToReview(masklet.project),
    onSuccess: async (claim) => {
      void client.invalidateQueries({ queryKey: keys.project(masklet.project) });
      if (!claim) return;
      remember("review", claim.review);
      await navigate(`/review/${claim.masklet.id}`);
    },
  });
  const give = useMutation({
    mutationFn: (verdict: NewVerdict) => giveVerdict(review, verdict, key),
    onSuccess: (verdict) => {
      forget("review", masklet.id);
      onGiven(undoableFrom(verdict, masklet.object_id, Date.now()));
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
      if (holding && last.masklet !== masklet.id) await giveBackReview(review).catch(() => undefined);
      return claim;
    },
    onSuccess: async (claim, { last }) => {
      onTakenBack();
      remember("review", claim.review);
      if (last.masklet === masklet.id) return onReopen();
      forget("review", masklet.id);
      await navigate(`/review/${last.masklet}`);
    },
  });
  const leave = useMutation({
    mutationFn: () => giveBackReview(review),
    onSettled: async () => {
      forget("review", masklet.id);
      await navigate(`/projects/${masklet.project}`);
    },
  });
  return { advance, give, undo, leave };
}
