import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";

import { isApiError, newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Id, Project } from "@/api/models";
import { giveBackReview, giveVerdict, reviewTogether, undoVerdict, type NewVerdict } from "@/api/reviews";
import { forget, remember } from "@/lib/holding";

import type { Opened } from "../openReview";
import { undoableFrom, type Undoable } from "../undoable";
import { membersOf, neighbourOf, openOnes, type Member, type Outcome } from "./members";
import { heldTogether, togetherPath } from "./openTogether";

export interface TogetherOptions {
  opened: readonly Opened[];
  undoable: Undoable | null;
  onUndoable: (undoable: Undoable | null) => void;
}

/** Giving each its verdict, taking the last one back, leaving the rest, and going on to the next video. */
export function useTogether({ opened, undoable, onUndoable }: TogetherOptions) {
  const { members, selected, select, settle } = useMembers(opened);
  const first = opened[0];
  const project = first.review.project;
  const { advance, leave } = useGoing(project, members);
  const navigate = useNavigate();
  // One key for each, so that a repeated try is not a second verdict.
  const verdictKeys = useRef(new Map<Id, string>());

  const give = useMutation({
    mutationFn: ({ member, verdict }: { member: Member; verdict: NewVerdict }) => {
      const key = verdictKeys.current.get(member.id) ?? newIdempotencyKey();
      verdictKeys.current.set(member.id, key);
      return giveVerdict(member.review, verdict, key);
    },
    onSuccess: (verdict, { member }) => {
      forget("review", member.id);
      onUndoable(undoableFrom(verdict, member.review, Date.now()));
      if (settle(member.id, verdict.verdict) === 0) advance.mutate();
    },
    onError: (error, { member }) => {
      if (isApiError(error, "lease_lost")) settle(member.id, "lost");
    },
  });
  const undo = useMutation({
    mutationFn: (last: Undoable) => undoVerdict(last.verdict),
    onSuccess: async (claim) => {
      onUndoable(null);
      remember("review", claim);
      const left = openOnes(members);
      if (claim.video === first.video.id)
        return navigate(togetherPath([claim.id, ...left.map(({ id }) => id)]));
      // The video before this one: what is held here would only be kept from others.
      await Promise.allSettled(left.map(({ review }) => giveBackReview(review)));
      return navigate(`/reviews/${claim.id}`);
    },
  });
  const takeBack = () => {
    if (undoable && !undo.isPending) undo.mutate(undoable);
  };
  return {
    project,
    members,
    selected,
    select,
    lose: (id: Id) => settle(id, "lost"),
    give,
    undo,
    takeBack,
    advance,
    leave,
  };
}

function useMembers(opened: readonly Opened[]) {
  const [outcomes, setOutcomes] = useState<ReadonlyMap<Id, Outcome>>(new Map());
  const [looked, setLooked] = useState<Id>(opened[0].review.id);
  // What is settled in one go is counted before the page is drawn anew.
  const settled = useRef(outcomes);
  const members = membersOf(opened, outcomes);
  const selected = members.find(({ id }) => id === looked) ?? members[0];
  /** Returns how many are left. */
  const settle = (id: Id, outcome: Outcome): number => {
    settled.current = new Map(settled.current).set(id, outcome);
    setOutcomes(settled.current);
    const now = membersOf(opened, settled.current);
    const next = neighbourOf(now, id, 1);
    if (next) setLooked((at) => (at === id ? next.id : at));
    return openOnes(now).length;
  };
  return { members, selected, select: setLooked, settle };
}

function useGoing(project: Project["id"], members: readonly Member[]) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const advance = useMutation({
    mutationFn: () => reviewTogether(project),
    onSuccess: async ({ reviews }) => {
      void client.invalidateQueries({ queryKey: keys.project(project) });
      if (reviews.length > 0) await navigate(heldTogether(reviews));
    },
  });
  const leave = useMutation({
    mutationFn: () => Promise.allSettled(openOnes(members).map(({ review }) => giveBackReview(review))),
    onSettled: async () => {
      for (const { id } of members) forget("review", id);
      await navigate(`/projects/${project}`);
    },
  });
  return { advance, leave };
}
