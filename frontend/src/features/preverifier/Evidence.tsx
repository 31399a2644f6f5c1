import { useId, useState } from "react";

import type { PreverifierReport } from "@/api/models";
import { LinePlot, Table, type Column, type Point } from "@/ui";

import styles from "./PreverifierPage.module.css";
import { looksSaved, percent } from "./words";

const EVEN: Point[] = [
  [0, 0],
  [1, 1],
];

/** What people's verdicts show, drawn. */
export function Evidence({ report }: { report: PreverifierReport }) {
  return (
    <div className={styles.plots}>
      <LinePlot
        title="Wrong ones caught"
        along="right ones suspected"
        series={[
          { name: "pre-verifier", points: report.roc.map((p): Point => [p.false_alarms, p.caught]) },
          { name: "guessing", points: EVEN },
        ]}
      />
      <LinePlot
        title="Found unsatisfactory"
        along="chance that it gave"
        series={[
          { name: "people", points: report.calibration.map((bin): Point => [bin.chance, bin.wrong]) },
          { name: "were it exact", points: EVEN },
        ]}
      />
      <Tradeoff report={report} />
      <Table
        caption="By size of the object"
        columns={SIZES}
        rows={report.sizes}
        rowKey={({ size }) => size}
      />
    </div>
  );
}

/** A slider over the share that would be passed: what of it would be right, and what is saved. */
function Tradeoff({ report }: { report: PreverifierReport }) {
  const id = useId();
  const [step, setStep] = useState(Math.floor(report.tradeoff.length / 2));
  const at = report.tradeoff[Math.min(step, report.tradeoff.length - 1)];
  const saved = looksSaved(at.passed, report.automatic.people_share);
  return (
    <div className={styles.tradeoff}>
      <LinePlot
        title="Right, of what would be passed"
        along="share passed"
        series={[
          { name: "right", points: report.tradeoff.map((p): Point => [p.passed, p.precision]) },
          {
            name: "promised",
            points: [
              [0, report.automatic.precision],
              [1, report.automatic.precision],
            ],
          },
        ]}
      />
      <label htmlFor={id}>Passing the likeliest right</label>
      <input
        id={id}
        type="range"
        min={0}
        max={report.tradeoff.length - 1}
        value={step}
        onChange={(event) => setStep(Number(event.target.value))}
        aria-valuetext={percent(at.passed)}
      />
      <output htmlFor={id}>
        <strong>{percent(at.passed)}</strong> passed, all with a chance of {percent(at.below, 1)} or less:{" "}
        <strong>{percent(at.precision, 1)}</strong> of them right, <strong>{percent(saved)}</strong> of the
        looks saved.
      </output>
    </div>
  );
}

type Row = PreverifierReport["sizes"][number];
const SIZES: Column<Row>[] = [
  { name: "Object", header: "Object", cell: ({ size }) => size },
  { name: "Verdicts", header: "Verdicts", cell: ({ verdicts }) => verdicts, numeric: true },
  {
    name: "Unsatisfactory",
    header: "Unsatisfactory",
    cell: ({ unsatisfactory }) => unsatisfactory,
    numeric: true,
  },
  { name: "AUC", header: "AUC", cell: ({ auc }) => auc?.toFixed(3) ?? "–", numeric: true },
];
