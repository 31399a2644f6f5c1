import { useId } from "react";

import type { PreverifierReport } from "@/api/models";
import { plural } from "@/lib/format";
import { SelectField } from "@/ui";

import styles from "./PreverifierPage.module.css";
import { percent } from "./words";

type Choice = PreverifierReport["thresholds"]["passing"][number];

interface WayProps {
  label: string;
  on: boolean;
  at: number;
  verb: "below" | "above";
  choices: readonly Choice[];
  promised: number;
  onToggle: (on: boolean) => void;
  onChoose: (at: number) => void;
}

/** One way to decide without people: its switch, its threshold, and what is known there. */
export function Way({ label, on, at, verb, choices, promised, onToggle, onChoose }: WayProps) {
  const id = useId();
  const known = choices.find(({ threshold }) => Math.abs(threshold - at) < 1e-6);
  return (
    <div className={styles.way}>
      <input
        type="checkbox"
        id={id}
        checked={on}
        onChange={(event) => onToggle(event.target.checked)}
        aria-describedby={`${id}-known`}
      />
      <label htmlFor={id}>{label}</label>
      <SelectField
        label={`With a chance of being unsatisfactory ${verb}`}
        value={at}
        onChange={(event) => onChoose(Number(event.target.value))}
      >
        {choices.map(({ threshold }) => (
          <option key={threshold} value={threshold}>
            {percent(threshold)}
          </option>
        ))}
      </SelectField>
      {known && <Known id={`${id}-known`} known={known} promised={promised} />}
    </div>
  );
}

function Known({ id, known, promised }: { id: string; known: Choice; promised: number }) {
  const enough = known.lower >= promised;
  return (
    <p id={id} className={styles.known} data-enough={enough}>
      <meter
        min={0}
        max={1}
        high={promised}
        optimum={1}
        value={known.lower}
        aria-label="Least precision that is sure"
      />
      {known.verdicts === 0
        ? "Nobody has judged any of these yet, so nothing is sure."
        : `People judged ${plural(known.verdicts, "masklet")} of these and agreed with ${known.right}: at least ` +
          `${percent(known.lower, 1)} are right, ${enough ? "as promised" : "which is not enough yet"}. ` +
          `They are ${percent(known.share)} of all.`}
    </p>
  );
}
