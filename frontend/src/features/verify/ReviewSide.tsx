import { MessageSquareText, Trash2 } from "lucide-react";
import { useSyncExternalStore } from "react";

import type { Review, VerdictValue } from "@/api/models";
import { Button, ErrorNote } from "@/ui";

import { Pins } from "@/desk/Pins";
import { Reasons } from "./Reasons";
import { said } from "./said";
import styles from "./ReviewDesk.module.css";
import type { Looking } from "./useLooking";
import type { VerdictForm } from "./useVerdictForm";
import { VerdictKeys } from "./VerdictKeys";
import { Why } from "./Why";

export interface ReviewSideProps {
  review: Review;
  looking: Looking;
  form: VerdictForm;
  error: Error | null;
  sending: VerdictValue | null;
  refusal: (verdict: VerdictValue) => string | undefined;
  onGive: (verdict: VerdictValue) => void;
}

/** What was asked for, what one says, and the three verdicts. */
export function ReviewSide({ review, looking, form, error, sending, refusal, onGive }: ReviewSideProps) {
  const { player } = looking.footage;
  const { previous } = looking;
  const { frame } = useSyncExternalStore(player.subscribe, player.read);
  return (
    <aside className={styles.side} aria-label="Verdict and reasons">
      <div className={styles.scroll}>
        {review.discard_reason !== null && (
          <section className={styles.before} aria-label="Proposed to discard">
            <h2>
              <Trash2 size={15} aria-hidden /> Its annotator would discard it
            </h2>
            <p>
              {review.discard_reason || "No reason was given."} Reject it if you agree; unsatisfactory sends
              it back to be finished.
            </p>
          </section>
        )}
        {previous && (
          <section className={styles.before} aria-label="Asked for last time">
            <h2>
              <MessageSquareText size={15} aria-hidden /> Asked for last time
            </h2>
            <p>{said(previous, form.reasons)}</p>
            <Pins pins={previous.pins} frame={frame} onGo={(to) => player.goTo(to)} />
            <Button small variant="quiet" shortcut="B" onClick={looking.compare}>
              {looking.before ? "Hide what was before" : "Show what was before"}
            </Button>
          </section>
        )}
        <Why places={review.places} frame={frame} onGo={(to) => player.goTo(to)} />
        <Pins
          pins={form.pins}
          frame={frame}
          onGo={(to) => player.goTo(to)}
          onNote={(at, note) => form.pin(at, (was) => ({ ...was, note }))}
          onRemove={form.unpin}
        />
        <Reasons form={form} />
        {error && <ErrorNote title="The verdict was not saved" error={error} />}
      </div>
      <VerdictKeys sending={sending} refusal={refusal} onGive={onGive} />
    </aside>
  );
}
