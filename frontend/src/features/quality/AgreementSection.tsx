import { useState } from "react";

import type { Agreement, AgreementRow, Estimate } from "@/api/models";
import { plural } from "@/lib/format";
import { Figures, Section, Segments } from "@/ui";

import { IntervalPlot } from "./IntervalPlot";
import styles from "./QualityPage.module.css";

type By = "by_reviewer" | "by_reason" | "by_size" | "by_week";

const BY: readonly { value: By; label: string }[] = [
  { value: "by_reviewer", label: "Reviewer" },
  { value: "by_reason", label: "Reason" },
  { value: "by_size", label: "Size" },
  { value: "by_week", label: "Week" },
];

/** How far people agree: reviewers in their verdicts, annotators in their masks. */
export function AgreementSection({ data }: { data: Agreement }) {
  const [by, setBy] = useState<By>("by_reviewer");
  const { all, people, gold } = data;
  return (
    <Section title="Agreement">
      <Figures
        label="Agreement in sum"
        figures={[
          { value: told(people.jf), label: `J&F between people, ${plural(people.objects, "object")}` },
          { value: told(gold.jf), label: `J&F with gold, ${plural(gold.objects, "object")}` },
          { value: plural(all.items, "masklet"), label: "judged by several" },
        ]}
      />
      {all.items === 0 ? (
        <p className={styles.quiet}>
          Nothing was judged by two reviewers yet. A second look on a share of masklets, in the settings, is
          enough.
        </p>
      ) : (
        <>
          <IntervalPlot
            title="All verdicts"
            rows={[
              { key: "Cohen’s κ", estimate: all.cohen, note: "mean over pairs" },
              { key: "Fleiss’ κ", estimate: all.fleiss, note: "" },
              { key: "Krippendorff’s α", estimate: all.krippendorff, note: "" },
            ]}
          />
          <Segments label="Agreement by" options={BY} value={by} onChange={setBy} />
          <IntervalPlot title="Krippendorff’s α" rows={data[by].map(rowOf)} />
          {data.dawid_skene.length > 0 && (
            <p className={styles.quiet}>
              By Dawid and Skene, without known answers:{" "}
              {data.dawid_skene
                .map(
                  ({ username, sensitivity, specificity }) =>
                    `${username} finds ${whole(sensitivity)} of what is wrong and passes ${whole(specificity)} of what is right`,
                )
                .join("; ")}
              .
            </p>
          )}
        </>
      )}
    </Section>
  );
}

const rowOf = ({ key, krippendorff, items }: AgreementRow) => ({
  key,
  estimate: krippendorff,
  note: plural(items, "masklet"),
});

const whole = (value: number | null) => (value === null ? "–" : `${Math.round(100 * value)} %`);

const told = ({ value, low, high }: Estimate) =>
  value === null
    ? "–"
    : low === null || high === null
      ? value.toFixed(2)
      : `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
