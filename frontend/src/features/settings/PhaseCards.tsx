import { useQuery } from "@tanstack/react-query";
import { useId } from "react";

import { keys } from "@/api/keys";
import { PHASES, type Phase, type Protocol } from "@/api/models";
import { listPhases } from "@/api/phases";
import { Button, ErrorNote, Working } from "@/ui";

import styles from "./PhaseCards.module.css";

/** The three protocols, each with what it means for those who annotate. */
export function PhaseCards({ phase, onChange }: { phase: number; onChange: (phase: Phase) => void }) {
  const name = useId();
  const {
    data: protocols,
    error,
    refetch,
  } = useQuery({ queryKey: keys.phases, queryFn: listPhases, staleTime: Infinity });
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>Phase of new objects</legend>
      <p className={styles.quiet}>
        Objects that exist keep theirs. A batch of videos can have its own, set in the list of videos.
      </p>
      {error && (
        <ErrorNote title="The phases could not be loaded" error={error}>
          <Button small onClick={() => void refetch()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!protocols && !error && (
        <div className={styles.loading}>
          <Working>Loading the phases</Working>
        </div>
      )}
      {protocols && (
        <div className={styles.cards}>
          {protocols.map((protocol) => (
            <label key={protocol.phase} className={styles.card}>
              <input
                type="radio"
                name={name}
                checked={protocol.phase === phase}
                onChange={() => onChange(PHASES.find((one) => one === protocol.phase) ?? 3)}
                aria-label={`Phase ${protocol.phase}, ${protocol.name}`}
                aria-describedby={`${name}-${protocol.phase}`}
              />
              <span className={styles.title}>
                Phase {protocol.phase}
                <span className={styles.name}>{protocol.name}</span>
              </span>
              <span id={`${name}-${protocol.phase}`} className={styles.meaning}>
                <span>{protocol.summary}</span>
                <span className={styles.quiet}>{consequences(protocol)}</span>
              </span>
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}

export function consequences({ propagates, masks_only: masksOnly }: Protocol): string {
  if (!propagates)
    return "The slowest, and nothing that a model carried along gets in: the reference for the other two.";
  if (masksOnly) return "Much faster; a correction costs a whole mask.";
  return "The fastest; a correction costs a click or two.";
}
