import { CircleCheck } from "lucide-react";
import type { ReactNode } from "react";

import type { Id } from "@/api/models";
import { Button, ButtonLink, EmptyState, Working } from "@/ui";

import styles from "./AfterVerdict.module.css";

export interface AfterVerdictProps {
  project: Id;
  /** The next masklet is being claimed, or is on its way. */
  coming: boolean;
  error: Error | null;
  onLookAgain: () => void;
  /** The offer to take the verdict back. */
  children: ReactNode;
}

/** Between two masklets, and where the queue ends. */
export function AfterVerdict({ project, coming, error, onLookAgain, children }: AfterVerdictProps) {
  return (
    <div className={styles.after}>
      {coming ? (
        <Working>Claiming the next masklet</Working>
      ) : (
        <EmptyState
          icon={CircleCheck}
          title={error ? "The next masklet could not be claimed" : "Nothing waits for your review"}
          action={
            <div className={styles.buttons}>
              <Button variant="primary" onClick={onLookAgain}>
                Look again
              </Button>
              <ButtonLink to={`/projects/${project}`}>To the project</ButtonLink>
            </div>
          }
        >
          {error?.message ??
            "Every masklet that you may review has its verdict. What you annotated yourself is reviewed by somebody else."}
        </EmptyState>
      )}
      {children}
    </div>
  );
}
