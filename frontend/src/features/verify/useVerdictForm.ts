import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { keys } from "@/api/keys";
import type { Pin, VerdictReason, VerdictValue } from "@/api/models";
import { listVerdictReasons, type NewVerdict } from "@/api/reviews";

import { changed, telling } from "./drafts";

export interface VerdictForm {
  /** What a reviewer may ask to refine; empty until it is known. */
  reasons: readonly { code: VerdictReason; text: string }[];
  chosen: ReadonlySet<VerdictReason>;
  comment: string;
  /** What the last try lacked. */
  problem: string | undefined;
  toggle: (code: VerdictReason) => void;
  write: (comment: string) => void;
  pins: readonly Pin[];
  /** Changes the pin on `frame`, or makes it. */
  pin: (frame: number, change?: (pin: Pin) => Pin) => void;
  unpin: (frame: number) => void;
  setProblem: (problem: string | undefined) => void;
  /** Why what is filled in does not fit `verdict`. */
  refusal: (verdict: VerdictValue) => string | undefined;
  verdictOf: (verdict: VerdictValue) => NewVerdict;
}

/** What is to be refined, in ticks and in words. */
export function useVerdictForm(): VerdictForm {
  const [chosen, setChosen] = useState<ReadonlySet<VerdictReason>>(new Set());
  const [comment, setComment] = useState("");
  const [pins, setPins] = useState<readonly Pin[]>([]);
  const told = telling(pins);
  const [problem, setProblem] = useState<string>();
  const { data } = useQuery({
    queryKey: keys.verdictReasons,
    queryFn: listVerdictReasons,
    staleTime: Infinity,
  });
  return {
    reasons: data ?? [],
    chosen,
    comment,
    problem,
    toggle: (code) => {
      setProblem(undefined);
      setChosen((before) => {
        const after = new Set(before);
        if (!after.delete(code)) after.add(code);
        return after;
      });
    },
    write: (text) => {
      setProblem(undefined);
      setComment(text);
    },
    pins,
    pin: (frame, change = (same) => same) => {
      setProblem(undefined);
      setPins((before) => changed(before, frame, change));
    },
    unpin: (frame) => setPins((before) => before.filter(({ frame_idx }) => frame_idx !== frame)),
    setProblem,
    refusal: (verdict) => {
      if (verdict === "unsatisfactory" && chosen.size === 0 && !comment.trim() && told.length === 0)
        return "Say what to refine: tick a reason, write a comment or pin a frame with M.";
      if (verdict === "satisfactory" && (chosen.size > 0 || told.length > 0))
        return "Take the reasons and pins away first, or choose unsatisfactory.";
      return undefined;
    },
    verdictOf: (verdict) => ({
      verdict,
      comment: comment.trim(),
      reasons: verdict === "satisfactory" ? [] : [...chosen],
      pins: told,
    }),
  };
}
