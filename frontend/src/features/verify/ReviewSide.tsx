import { MessageSquareText } from "lucide-react";

import type { Masklet } from "@/api/models";
import { ErrorNote } from "@/ui";

import { Reasons } from "./Reasons";
import styles from "./ReviewDesk.module.css";
import type { ReviewState } from "./useReview";
import { VerdictKeys } from "./VerdictKeys";

/** What was asked for last time, what is to be refined now, and the verdicts. */
export function ReviewSide({ masklet, state }: { masklet: Masklet; state: ReviewState }) {
  const { form, give, lease, refusal, tryToGive } = state;
  return (
    <aside className={styles.side} aria-label="Verdict and reasons">
      <div className={styles.scroll}>
        {masklet.last_verdict?.verdict === "unsatisfactory" && (
          <section className={styles.before} aria-label="Asked for last time">
            <h2>
              <MessageSquareText size={15} aria-hidden /> Asked for last time
            </h2>
            <p>{masklet.last_verdict.comment}</p>
          </section>
        )}
        <Reasons form={form} />
        {give.error && !lease.lost && <ErrorNote title="The verdict was not saved" error={give.error} />}
      </div>
      <VerdictKeys
        sending={give.isPending ? give.variables.verdict : null}
        refusal={refusal}
        onGive={tryToGive}
      />
    </aside>
  );
}
