/** The fields of a review policy in words. Shares are percent on the page and 0 to 1 on the wire. */
import type { ReviewPolicy, ReviewPolicyChange } from "@/api/models";

export type CountName = "reviewers" | "agreeing" | "rounds_cap" | "trusted_after" | "pause_after";
export type ShareName =
  | "look_share"
  | "second_look_share"
  | "trusted_share"
  | "trusted_rate"
  | "gold_share"
  | "pause_below"
  | "probe_share";

interface Words {
  label: string;
  hint: string;
}

export const COUNTS: Record<CountName, Words & { min: number; max: number }> = {
  reviewers: {
    label: "Reviewers of a masklet",
    hint: "Blind to each other. Where they differ a senior decides, else an owner.",
    min: 1,
    max: 9,
  },
  agreeing: {
    label: "Of whom so many agree",
    hint: "From then on nobody else needs to look.",
    min: 1,
    max: 9,
  },
  rounds_cap: {
    label: "Rounds before an owner decides",
    hint: "Rounds that end unsatisfactory.",
    min: 1,
    max: 100,
  },
  trusted_after: {
    label: "Verdicts before somebody is trusted",
    hint: "On the first look at what they made.",
    min: 1,
    max: 10000,
  },
  pause_after: {
    label: "Known answers before anybody is paused",
    hint: "Fewer tell little.",
    min: 5,
    max: 10000,
  },
};

export const SHARES: Record<ShareName, Words> = {
  look_share: {
    label: "Looked at, %",
    hint: "By a random draw that is kept. The rest is accepted unseen, and releases say so.",
  },
  second_look_share: {
    label: "Looked at by one more, %",
    hint: "Of what is looked at: one reviewer more has to agree.",
  },
  trusted_share: { label: "Looked at of trusted people, %", hint: "Who is trusted, the next two say." },
  trusted_rate: {
    label: "Satisfactory at first sight, to be trusted, %",
    hint: "Over a person's latest 200 masklets.",
  },
  gold_share: {
    label: "Known answers among reviews, %",
    hint: "Above 0 reviews are blind: reviewers see no other masklets and no exports.",
  },
  pause_below: {
    label: "Pause reviewers below so many right answers, %",
    hint: "Empty: nobody is paused. Whoever is reads why.",
  },
  probe_share: {
    label: "Made by a second annotator too, %",
    hint: "Tells how far people agree: no mask can be said to be better than that.",
  },
};

export const percent = (share: number | null | undefined): number | "" =>
  share === null || share === undefined || Number.isNaN(share) ? "" : Math.round(share * 1000) / 10;

/** What of the draft differs from the policy as it is. */
export const differing = (policy: ReviewPolicy, draft: ReviewPolicyChange): ReviewPolicyChange =>
  Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => policy[name as keyof ReviewPolicy] !== value),
  );
