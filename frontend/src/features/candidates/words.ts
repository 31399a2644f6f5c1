import type { Candidate, CandidateSource, Fate, MaskletStatus, WeakReason } from "@/api/models";

/** Why a candidate went on to the reviewers, or fell, in a word and in a sentence. */
export const FATE_WORDS: Record<Fate, { text: string; meaning: string }> = {
  passed: { text: "Passed", meaning: "It passed all filters." },
  kept: { text: "Kept", meaning: "An owner has it verified, whatever its score." },
  below: { text: "Below the threshold", meaning: "Its score is below the project’s threshold." },
  unsampled: {
    text: "Unsatisfactory",
    meaning: "A reviewer found it unsatisfactory, and it is not in the sample that people refine.",
  },
  dismissed: { text: "Dismissed", meaning: "An owner took it from the reviewers." },
  drawn: { text: "Drawn by a person", meaning: "A person drew the same object later; theirs stands." },
  existing: { text: "There already", meaning: "A masklet that was there is the same object." },
  duplicate: { text: "Duplicate", meaning: "Another candidate that passed is the same object." },
  trial: { text: "Lost early", meaning: "SAM 2 did not hold it on its first frames." },
  short: { text: "Too short", meaning: "It is there on too few frames." },
  unstable: { text: "Unstable edge", meaning: "Its edge is not sharp along the clip." },
  unsure: { text: "Unsure", meaning: "SAM 2 itself is not sure of it." },
  flicker: { text: "Flickers", meaning: "It comes and goes, or jumps." },
  flood: { text: "Flooded", meaning: "It spread over the frame." },
  drift: { text: "Drifted", meaning: "It went from what it was to something else." },
  surplus: { text: "Surplus", meaning: "The video has enough of them." },
};

export const SOURCE_WORDS: Record<CandidateSource, string> = {
  grid: "found on the first frame",
  unexplained: "found where nothing was",
  text: "found by its label",
  upload: "uploaded from another model",
};

export const WEAK_WORDS: Record<WeakReason, { text: string; meaning: string }> = {
  corrected: { text: "Corrected", meaning: "People corrected it" },
  bad_verdict: { text: "Sent back", meaning: "A reviewer sent it back or rejected it" },
  directions_disagree: { text: "Two ways", meaning: "Both directions of propagation disagree" },
  checkpoints_disagree: { text: "Two checkpoints", meaning: "Two checkpoints disagree about it" },
  doubtful: { text: "Doubtful", meaning: "Its masks are likely wrong" },
};

export type View = "waiting" | "accepted" | "refined" | "rejected" | "fell";

export const VIEWS: readonly { value: View; label: string; statuses: readonly MaskletStatus[] }[] = [
  { value: "waiting", label: "To verify", statuses: ["in_verification"] },
  { value: "accepted", label: "Accepted", statuses: ["accepted"] },
  { value: "refined", label: "With annotators", statuses: ["needs_refinement", "annotating"] },
  { value: "rejected", label: "Rejected", statuses: ["rejected"] },
  { value: "fell", label: "Fell", statuses: ["filtered"] },
];

export const isIn = ({ status }: Candidate, view: View | undefined): boolean =>
  view === undefined || (VIEWS.find(({ value }) => value === view)?.statuses.includes(status) ?? false);

export const fell = ({ status }: Candidate): boolean => status === "filtered";
