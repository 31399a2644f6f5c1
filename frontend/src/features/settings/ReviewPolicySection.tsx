import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useState, type FormEvent } from "react";

import { keys } from "@/api/keys";
import type { Id, ReviewPolicy, ReviewPolicyChange } from "@/api/models";
import { changeReviewPolicy, getReviewPolicy } from "@/api/verification";
import { Button, ErrorNote, Section, SelectField, TextField, Working } from "@/ui";

import { COUNTS, SHARES, differing, percent, type CountName, type ShareName } from "./reviewPolicy";
import styles from "./ReviewPolicySection.module.css";

/** How masklets are verified, and what of it the team cannot do. */
export function ReviewPolicySection({ project }: { project: Id }) {
  const { data, error } = useQuery({
    queryKey: keys.policy(project),
    queryFn: () => getReviewPolicy(project),
  });
  return (
    <Section title="Verification">
      {error && <ErrorNote title="The policy could not be loaded" error={error} />}
      {!data && !error && <Working>Loading the policy</Working>}
      {data && <PolicyForm project={project} policy={data} />}
    </Section>
  );
}

function PolicyForm({ project, policy }: { project: Id; policy: ReviewPolicy }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<ReviewPolicyChange>({});
  const wanted = { ...policy, ...draft };
  const change = differing(policy, draft);
  const clean = Object.keys(change).length === 0;
  const save = useMutation({
    mutationFn: (what: ReviewPolicyChange) => changeReviewPolicy(project, what),
    onSuccess: (saved) => {
      client.setQueryData(keys.policy(project), saved);
      void client.invalidateQueries({ queryKey: keys.project(project) });
      setDraft({});
    },
  });
  const set = (what: ReviewPolicyChange) => {
    save.reset();
    setDraft((before) => ({ ...before, ...what }));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(change);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Problems sentences={policy.problems} />
      <div className={styles.fields}>
        {Object.entries(COUNTS).map(([name, words]) => (
          <TextField
            key={name}
            type="number"
            required
            {...words}
            value={wanted[name as CountName]}
            onChange={(event) => set({ [name]: event.target.valueAsNumber })}
          />
        ))}
        {Object.entries(SHARES).map(([name, words]) => (
          <TextField
            key={name}
            type="number"
            min={0}
            max={name === "gold_share" ? 50 : 100}
            step="any"
            required={name !== "pause_below"}
            {...words}
            value={percent(wanted[name as ShareName])}
            onChange={(event) => set({ [name]: shareOf(event.target.value) })}
          />
        ))}
        <SelectField
          label="Unsatisfactory goes back to"
          value={wanted.returns_to}
          onChange={(event) => set({ returns_to: event.target.value as ReviewPolicy["returns_to"] })}
        >
          <option value="anyone">any annotator</option>
          <option value="same">whoever made it</option>
          <option value="another">another annotator</option>
        </SelectField>
      </div>
      {save.error && <ErrorNote title="The policy was not saved" error={save.error} />}
      <div className={styles.save}>
        <Button
          type="submit"
          busy={save.isPending && "Saving"}
          disabledReason={clean ? "Everything is saved as it stands here" : undefined}
        >
          Save the policy
        </Button>
        <span role="status">{save.isSuccess && clean && "Saved"}</span>
      </div>
    </form>
  );
}

const shareOf = (text: string): number | null => (text === "" ? null : Number(text) / 100);

function Problems({ sentences }: { sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <ul className={styles.problems} aria-label="What does not go as it is set">
      {sentences.map((sentence) => (
        <li key={sentence}>
          <TriangleAlert size={15} aria-hidden /> {sentence}
        </li>
      ))}
    </ul>
  );
}
