import { ArrowDown, ArrowUp, Equal } from "lucide-react";

import { Chip } from "@/ui";

import { verdict } from "./lineage";

const LOOKS = {
  better: { tone: "good", icon: ArrowUp, word: "better by" },
  worse: { tone: "bad", icon: ArrowDown, word: "worse by" },
  same: { tone: "quiet", icon: Equal, word: "as good" },
} as const;

/** What a candidate is better or worse by: an arrow, a colour and a number say the same. */
export function GainChip({ gain }: { gain: number }) {
  const found = verdict(gain);
  const { tone, icon, word } = LOOKS[found];
  return (
    <Chip tone={tone} icon={icon}>
      <span className="visually-hidden">{word} </span>
      {found === "same" ? "same" : Math.abs(gain).toFixed(3)}
    </Chip>
  );
}
