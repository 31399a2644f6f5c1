import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { bringBack, dismiss, giveVerdicts } from "@/api/candidates";
import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { BulkAnswer, Id } from "@/api/models";
import { giveBackReview, undoVerdict, type NewVerdict } from "@/api/reviews";
import { plural } from "@/lib/format";

export type Decision =
  { what: "verdict"; verdict: NewVerdict } | { what: "bring back" } | { what: "dismiss" };

interface Done {
  words: string;
  /** Verdicts that can be taken back for a minute. */
  verdicts: Id[];
  /** What was refused, as sentences. */
  refused: string[];
}

const SAID = { satisfactory: "accepted", unsatisfactory: "unsatisfactory", reject: "rejected" } as const;

/** Decisions about several candidates at once: sent, told about, and taken back. */
export function useDecisions(project: Id, onDone: () => void) {
  const client = useQueryClient();
  const [done, setDone] = useState<Done | null>(null);
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.candidates }),
      client.invalidateQueries({ queryKey: keys.videos }),
      client.invalidateQueries({ queryKey: keys.masklets }),
    ]);
  const decide = useMutation({
    mutationFn: ({ decision, ids, key }: { decision: Decision; ids: Id[]; key: string }) =>
      send(project, decision, ids, key),
    onMutate: () => setDone(null),
    onSuccess: (told) => {
      setDone(told);
      onDone();
      return refresh();
    },
  });
  const undo = useMutation({
    mutationFn: takeBack,
    onSuccess: () => {
      setDone(null);
      return refresh();
    },
  });
  return {
    done,
    error: decide.error ?? undo.error,
    busy: decide.isPending || undo.isPending,
    decide: (decision: Decision, ids: Id[]) => {
      if (ids.length > 0 && !decide.isPending) decide.mutate({ decision, ids, key: newIdempotencyKey() });
    },
    undo: () => {
      if (done && done.verdicts.length > 0 && !undo.isPending) undo.mutate(done.verdicts);
    },
  };
}

async function send(project: Id, decision: Decision, ids: Id[], key: string): Promise<Done> {
  if (decision.what === "verdict") {
    const { answers } = await giveVerdicts(project, ids, decision.verdict, key);
    return told(answers, SAID[decision.verdict.verdict]);
  }
  const act = decision.what === "dismiss" ? dismiss : bringBack;
  const rows = await act(project, ids, key);
  const words = decision.what === "dismiss" ? "dismissed" : "back with the reviewers";
  return { words: `${plural(rows.length, "candidate")} ${words}`, verdicts: [], refused: [] };
}

function told(answers: BulkAnswer[], words: string): Done {
  const verdicts = answers.flatMap(({ verdict }) => (verdict ? [verdict.id] : []));
  const refused = answers.flatMap(({ error }) => (error ? [error.message] : []));
  return {
    words: `${plural(verdicts.length, "candidate")} ${words}`,
    verdicts,
    refused: [...new Set(refused)],
  };
}

/** A verdict that is taken back is held by its reviewer, who gives it back here. */
async function takeBack(verdicts: Id[]): Promise<void> {
  for (const verdict of verdicts) {
    await giveBackReview(await undoVerdict(verdict));
  }
}
