import type { Candidate, Fate } from "@/api/models";
import { plural } from "@/lib/format";

import { FATE_WORDS, fell } from "./words";

const percent = (share = 0) => `${Math.round(100 * share)} %`;

/** What was measured of a candidate that fell, in the words of the filter that it fell through. */
const MEASURED: Partial<Record<Fate, (candidate: Candidate) => string>> = {
  below: ({ score }) => `Its score is ${score.toFixed(2)}.`,
  trial: ({ scores }) => `Its mean confidence there is ${percent(scores.trial)}.`,
  short: ({ scores }) => `It is seen on ${plural(scores.life ?? 0, "frame")}.`,
  unstable: ({ scores }) => `Its mean stability is ${percent(scores.stability)}.`,
  unsure: ({ scores }) => `Its mean confidence is ${percent(scores.confidence)}.`,
  flicker: ({ scores }) => `It does so on ${percent(scores.flicker)} of its steps.`,
  flood: ({ scores }) => `It grew to ${(scores.flood ?? 0).toFixed(1)} times its first area.`,
  drift: ({ scores }) => `On ${percent(scores.drift)} of its frames it looks more like the ground around it.`,
  duplicate: ({ scores }) => `They share ${percent(scores.duplicate)} of their pixels.`,
};

/** Why a candidate fell and what was measured of it, in sentences; nothing for one that did not fall. */
export function whyItFell(candidate: Candidate): string | undefined {
  if (!fell(candidate)) return undefined;
  const { meaning } = FATE_WORDS[candidate.fate];
  const measured = MEASURED[candidate.fate]?.(candidate);
  return measured ? `${meaning} ${measured}` : meaning;
}
