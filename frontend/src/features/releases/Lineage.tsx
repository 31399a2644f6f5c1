import type { ReleaseFigures } from "@/api/models";
import { plural } from "@/lib/format";
import { Figures, Section } from "@/ui";

/** How a release came to be, by the ledger. */
export function Lineage({ lineage }: { lineage: NonNullable<ReleaseFigures["lineage"]> }) {
  const { annotated, verification, checkpoints } = lineage;
  const { preverifier = 0, sampling = 0 } = verification.passed_by ?? {};
  return (
    <Section title="How it came to be">
      <Figures
        label="How it came to be"
        figures={[
          {
            label: "Prompts",
            value: annotated.prompts.toLocaleString("en"),
            note: `by ${annotated.people === 1 ? "1 person" : `${annotated.people} people`}`,
          },
          {
            label: "Satisfactory verdicts",
            value: verification.accepted.toLocaleString("en"),
            note: `by ${plural(verification.reviewers, "reviewer")} on ${plural(verification.pinned, "masklet")}`,
          },
          {
            label: "Sent back to refine",
            value: verification.sent_back.toLocaleString("en"),
            note: `${verification.reopened} reopened`,
          },
          {
            label: "Accepted without people",
            value: (preverifier + sampling).toLocaleString("en"),
            note: `${preverifier} by the pre-verifier, ${sampling} by a draw`,
          },
          { label: "Checkpoints", value: checkpoints.length, note: checkpoints.slice(-2).join(", ") },
        ]}
      />
    </Section>
  );
}
