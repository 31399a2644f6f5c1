import { useId, type ReactNode } from "react";

import type { ExportsFor, ProjectChange } from "@/api/models";
import { SelectField } from "@/ui";

import styles from "./Policies.module.css";

const EXPORTS: Record<ExportsFor, { label: string; hint: string }> = {
  owners: {
    label: "Owners",
    hint: "Reviewers and annotators see what a release holds, and cannot take it along.",
  },
  reviewers: {
    label: "Owners and reviewers",
    hint: "Annotators see what a release holds, and cannot take it along.",
  },
  members: { label: "Every member", hint: "Whoever is let in can take the whole dataset along." },
};

interface PoliciesProps {
  selection: boolean;
  verification: boolean;
  exportsFor: ExportsFor;
  onChange: (change: ProjectChange) => void;
}

/** Who may do which part of the work, and what that costs. */
export function Policies({ selection, verification, exportsFor, onChange }: PoliciesProps) {
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>Who does what</legend>
      <Policy
        label="Whoever chooses an object does not track it"
        on={selection}
        onChange={(value) => onChange({ separate_selection: value })}
      >
        {selection
          ? "One annotator picks an object and makes its mask on one frame, then passes it on; another follows it through the video. It rests while the project has a single annotator."
          : "Annotators follow the objects that they choose. That suits small teams; what is hard to track is then easily left out."}
      </Policy>
      <Policy
        label="Whoever worked on a masklet does not verify it"
        on={verification}
        onChange={(value) => onChange({ separate_verification: value })}
      >
        {verification
          ? "A verdict always comes from somebody who had no hand in the masklet. A person alone cannot accept their own work."
          : "A reviewer may give the verdict on their own work. Releases then hold masklets that only one person has seen."}
      </Policy>
      <div className={styles.choice}>
        <SelectField
          label="Who downloads exports"
          hint={EXPORTS[exportsFor].hint}
          value={exportsFor}
          onChange={(event) => onChange({ exports_for: event.target.value as ExportsFor })}
        >
          {Object.entries(EXPORTS).map(([value, { label }]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
      </div>
    </fieldset>
  );
}

interface PolicyProps {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  /** What follows from it, as it is set. */
  children: ReactNode;
}

function Policy({ label, on, onChange, children }: PolicyProps) {
  const id = useId();
  return (
    <div className={styles.policy}>
      <input
        type="checkbox"
        id={id}
        checked={on}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={`${id}-means`}
      />
      <label htmlFor={id}>{label}</label>
      <p id={`${id}-means`}>{children}</p>
    </div>
  );
}
