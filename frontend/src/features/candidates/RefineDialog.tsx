import { useQuery } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { keys } from "@/api/keys";
import type { VerdictReason } from "@/api/models";
import { listVerdictReasons } from "@/api/reviews";
import { plural } from "@/lib/format";
import { Button, Dialog, TextArea } from "@/ui";

import styles from "./RefineDialog.module.css";

export interface RefineDialogProps {
  count: number;
  onGive: (reasons: VerdictReason[], comment: string) => void;
  onClose: () => void;
}

/** What is to be refined: an unsatisfactory verdict says it. */
export function RefineDialog({ count, onGive, onClose }: RefineDialogProps) {
  const form = useId();
  const { data: reasons } = useQuery({
    queryKey: keys.verdictReasons,
    queryFn: listVerdictReasons,
    staleTime: Infinity,
  });
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const ticked = fields.getAll("reason") as VerdictReason[];
    const comment = (fields.get("comment") as string).trim();
    if (ticked.length === 0 && comment === "") setProblem("Say what to refine: tick a reason or write it.");
    else onGive(ticked, comment);
  };
  return (
    <Dialog
      title={`${plural(count, "candidate")} unsatisfactory`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form}>
            Unsatisfactory
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <fieldset className={styles.reasons}>
          <legend>What is wrong</legend>
          {(reasons ?? []).map(({ code, text }) => (
            <label key={code} className={styles.reason}>
              <input type="checkbox" name="reason" value={code} />
              {text}
            </label>
          ))}
        </fieldset>
        <TextArea label="Comment" name="comment" rows={3} maxLength={2000} problem={problem} />
        <p className={styles.hint}>
          A sample of them goes to the annotators, as the project’s policy says; the others fall.
        </p>
      </form>
    </Dialog>
  );
}
