import { fieldProblem } from "@/api/client";
import type { PolicyChange, TrainingPolicy } from "@/api/models";
import { TextField } from "@/ui";

import styles from "./loop.module.css";

interface NumberWords {
  name: keyof TrainingPolicy & keyof PolicyChange;
  label: string;
  hint?: string;
  min: number;
  max: number;
  step?: number;
  /** What the field shows is this many times what the server keeps. */
  times?: number;
  required?: boolean;
}

const NUMBERS: readonly NumberWords[] = [
  { name: "every_accepted", label: "Every so many newly accepted masklets", min: 1, max: 1e6 },
  { name: "every_hours", label: "Every so many hours", min: 1, max: 1e5 },
  {
    name: "effort_worsens",
    label: "When a frame takes so many times as long",
    hint: "1.3: thirty per cent more seconds of people",
    min: 1.01,
    max: 10,
    step: 0.01,
  },
  {
    name: "verdicts_worsen",
    label: "When acceptance falls by, points of 100",
    min: 1,
    max: 100,
    times: 100,
  },
  {
    name: "hours_allowed",
    label: "Hours of training in 30 days, at most",
    min: 0,
    max: 10_000,
    step: 0.1,
    required: true,
  },
  { name: "steps", label: "Steps of a training", min: 1, max: 200_000, required: true },
  { name: "rendered_share", label: "Rendered share, %", min: 0, max: 90, times: 100, required: true },
  {
    name: "canary_share",
    label: "Canary’s share of new assignments, %",
    hint: "0: what passes the gate is promoted at once",
    min: 0,
    max: 50,
    times: 100,
    required: true,
  },
];

export function PolicyFields({ policy, error }: { policy: TrainingPolicy; error: Error | null }) {
  return (
    <>
      <div className={styles.checks}>
        <label>
          <input type="checkbox" name="enabled" defaultChecked={policy.enabled} />
          Retrain by itself
        </label>
        <label>
          <input type="checkbox" name="promotes" defaultChecked={policy.promotes} />
          Promote what passes the gate
        </label>
      </div>
      <div className={styles.pair}>
        {NUMBERS.map(({ name, label, hint, times = 1, required = false, step = 1, min, max }) => {
          const value = policy[name] as number | null;
          return (
            <TextField
              key={name}
              type="number"
              {...{ label, hint, name, min, max, step, required }}
              placeholder={required ? undefined : "never"}
              defaultValue={value === null ? "" : Number((value * times).toFixed(4))}
              problem={fieldProblem(error, name)}
            />
          );
        })}
      </div>
    </>
  );
}

/** The form's fields in the server's units; an empty one never triggers. */
export function changeFrom(fields: FormData): PolicyChange {
  const numbers = NUMBERS.map(({ name, times = 1 }) => {
    const text = fields.get(name) as string;
    return [name, text === "" ? null : Number(text) / times];
  });
  return {
    ...Object.fromEntries(numbers),
    enabled: fields.has("enabled"),
    promotes: fields.has("promotes"),
  } as PolicyChange;
}
