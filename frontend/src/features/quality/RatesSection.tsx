import { Download } from "lucide-react";
import { useState } from "react";

import type { Id, Rate, Verification } from "@/api/models";
import { verificationCsvAddress } from "@/api/verification";

import { formatSpan, plural } from "@/lib/format";
import { BarPlot, Figures, Section, Segments, share, type Bar } from "@/ui";

import styles from "./QualityPage.module.css";

type By = keyof Verification["rates"];

const BY: readonly { value: By; label: string }[] = [
  { value: "week", label: "Week" },
  { value: "phase", label: "Phase" },
  { value: "checkpoint", label: "Checkpoint" },
  { value: "annotator", label: "Annotator" },
  { value: "reviewer", label: "Reviewer" },
  { value: "size", label: "Size" },
  { value: "reason", label: "Reason" },
];
const MOST = 16;

/** What verification came to, in four numbers and three plots. */
export function RatesSection({ project, data }: { project: Id; data: Verification }) {
  const [by, setBy] = useState<By>("week");
  const [all] = data.rates.all;
  const total = all ? totalOf(all) : 0;
  const rows = data.rates[by].slice(-MOST);
  return (
    <Section title="Verdicts" level={1}>
      <Figures
        label="Verdicts in sum"
        figures={[
          { value: total.toLocaleString("en"), label: "verdicts" },
          { value: share(all && total ? all.satisfactory / total : null, 0), label: "satisfactory" },
          {
            value:
              data.review_seconds_per_accepted === null ? "–" : formatSpan(data.review_seconds_per_accepted),
            label: "of reviewing an accepted masklet",
          },
          { value: data.accepted_unseen.toLocaleString("en"), label: "accepted unseen" },
        ]}
      />
      <div className={styles.row}>
        <Segments label="Verdicts by" options={BY} value={by} onChange={setBy} />
        <a className={styles.csv} href={verificationCsvAddress(project, by)} download>
          <Download size={15} aria-hidden /> CSV
        </a>
      </div>
      <div className={styles.plots}>
        <BarPlot
          title={`Satisfactory by ${by}`}
          description={rows.map((row) => `${row.key}: ${words(row)}`).join("; ")}
          parts={["satisfactory"]}
          bars={rows.map(rateBar)}
        />
        <BarPlot
          title="Rounds until acceptance"
          description={data.rounds.map((row) => `${row.rounds}: ${row.masklets}`).join("; ")}
          parts={["masklets"]}
          bars={data.rounds.map(({ rounds, masklets }) => ({
            key: String(rounds),
            label: rounds === 10 ? "10 or more" : plural(rounds, "round"),
            parts: [masklets],
            words: String(masklets),
          }))}
        />
        <BarPlot
          title="How long masklets wait"
          description={`The oldest waits ${data.ages.oldest_seconds === null ? "not at all" : formatSpan(data.ages.oldest_seconds)}.`}
          parts={["masklets"]}
          bars={ageBars(data)}
        />
      </div>
    </Section>
  );
}

const totalOf = ({ satisfactory, unsatisfactory, reject }: Rate) => satisfactory + unsatisfactory + reject;

const words = (row: Rate) => `${share(row.satisfactory / (totalOf(row) || 1), 0)} of ${totalOf(row)}`;

const rateBar = (row: Rate): Bar => ({
  key: row.key,
  label: row.key,
  parts: [row.satisfactory / (totalOf(row) || 1)],
  words: words(row),
});

function ageBars({ ages }: Verification): Bar[] {
  return ages.masklets.map((count, n) => {
    const below = ages.below_hours[n];
    const label =
      below === undefined ? "longer" : below < 48 ? `under ${below} h` : `under ${below / 24} days`;
    return { key: label, label, parts: [count], words: String(count) };
  });
}
