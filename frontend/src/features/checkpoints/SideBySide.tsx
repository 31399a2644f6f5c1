import type { Checkpoint } from "@/api/models";

import { IntervalPlot } from "./IntervalPlot";
import styles from "./loop.module.css";

type Judged = Checkpoint & { judged: NonNullable<Checkpoint["judged"]> };

/** Every checkpoint that was judged, each beside the champion of its time, on one axis. */
export function SideBySide({ rows }: { rows: readonly Checkpoint[] }) {
  const judged = rows.filter((row): row is Judged => row.judged !== null);
  if (judged.length < 2) return null;
  const bounds = judged.flatMap(({ judged: { gain_low, gain_high } }) => [gain_low, gain_high]);
  const reach = Math.max(0.05, ...bounds.map(Math.abs));
  return (
    <section className={styles.card} aria-label="Evaluations side by side">
      <div className={styles.head}>
        <h2>Evaluations side by side</h2>
      </div>
      <p className={styles.quiet}>
        J&amp;F from one click on held-out masklets, gained over the champion of that time; 95 % over videos.
      </p>
      {judged.map(({ id, name, judged: { champion_name, gain, gain_low, gain_high, passed } }) => (
        <IntervalPlot
          key={id}
          label={`${name}, beside ${champion_name}: ${passed ? "passed" : "kept out"}`}
          estimate={gain}
          low={gain_low}
          high={gain_high}
          reach={reach}
        />
      ))}
    </section>
  );
}
