import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { retrain, retrainingChoices } from "@/api/checkpoints";
import { fieldProblem, isApiError, newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Id, Release, RetrainingChoices, RetrainingWish } from "@/api/models";
import { Button, Dialog, ErrorNote, SelectField, TextField, Working } from "@/ui";

import styles from "./RetrainDialog.module.css";

export interface RetrainDialogProps {
  project: Id;
  /** Those that are frozen; at least one. */
  releases: readonly Release[];
  release: Id | undefined;
  onClose: () => void;
}

export function RetrainDialog({ project, releases, release, onClose }: RetrainDialogProps) {
  const form = useId();
  const [busy, setBusy] = useState<string | false>(false);
  const { data: choices, error } = useQuery({
    queryKey: [...keys.checkpoints, "choices", project],
    queryFn: () => retrainingChoices(project),
  });
  return (
    <Dialog
      title="Retrain"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form={form}
            busy={busy}
            disabledReason={choices ? undefined : "Its choices are still being loaded"}
          >
            Start retraining
          </Button>
        </>
      }
    >
      {error && <ErrorNote title="The choices could not be loaded" error={error} />}
      {!choices && !error && <Working>Loading what it may start from</Working>}
      {choices && <RetrainForm {...{ form, choices, releases, release, setBusy }} onDone={onClose} />}
    </Dialog>
  );
}

interface FormProps {
  form: string;
  choices: RetrainingChoices;
  releases: readonly Release[];
  release: Id | undefined;
  setBusy: (busy: string | false) => void;
  onDone: () => void;
}

const FIELDS = ["name", "steps", "rendered_share", "learning_rate", "encoder_learning_rate"];

function RetrainForm({ form, choices, releases, release, setBusy, onDone }: FormProps) {
  const client = useQueryClient();
  const { bases, settings } = choices;
  const start = useMutation({
    mutationFn: ({ on, wish, key }: { on: Id; wish: RetrainingWish; key: string }) => retrain(on, wish, key),
    onMutate: () => setBusy("Starting"),
    onSettled: () => setBusy(false),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.runs });
      onDone();
    },
  });
  const problem = (field: string) => fieldProblem(start.error, field);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const { release: on, ...wish } = wishFrom(fields, bases);
    start.mutate({ on, wish, key: newIdempotencyKey() });
  };
  const elsewhere = start.error && !(isApiError(start.error) && FIELDS.some(problem));
  return (
    <form id={form} className="stack" onSubmit={submit}>
      <SelectField
        label="Release"
        name="release"
        defaultValue={release ?? releases[0].id}
        hint="What people accepted, frozen. A part of it is kept aside to judge by."
      >
        {releases.map(({ id, name, masklet_count, video_count }) => (
          <option key={id} value={id}>
            {name} ({masklet_count} masklets, {video_count} videos)
          </option>
        ))}
      </SelectField>
      <SelectField label="Base" name="base" hint="What it starts from.">
        {bases.map(({ name, checkpoint }, i) => (
          <option key={name + i} value={i}>
            {name}
            {i === 0 && checkpoint !== null ? " (active)" : ""}
          </option>
        ))}
      </SelectField>
      <div className={styles.pair}>
        <TextField
          label="Steps"
          name="steps"
          type="number"
          min={1}
          max={200_000}
          required
          defaultValue={settings.steps}
          problem={problem("steps")}
        />
        <TextField
          label="Rendered share, %"
          name="rendered_share"
          type="number"
          min={0}
          max={90}
          required
          defaultValue={Math.round(settings.rendered_share * 100)}
          problem={problem("rendered_share")}
        />
      </div>
      <p className={styles.hint}>
        Rendered footage is mixed in so that the checkpoint does not forget what it can already do.
      </p>
      <MoreSettings problem={problem} />
      {elsewhere && <ErrorNote error={start.error} />}
    </form>
  );
}

/** What seldom needs another value. */
function MoreSettings({ problem }: { problem: (field: string) => string | undefined }) {
  return (
    <details className={styles.more}>
      <summary>More settings</summary>
      <div className="stack">
        <TextField
          label="Name of the candidate"
          name="name"
          maxLength={80}
          placeholder="from the release"
          problem={problem("name")}
        />
        <div className={styles.pair}>
          <TextField
            label="Learning rate"
            name="learning_rate"
            inputMode="decimal"
            pattern="[0-9.eE\-]+"
            placeholder="the trainer’s own"
            problem={problem("learning_rate")}
          />
          <TextField
            label="… of the image encoder"
            name="encoder_learning_rate"
            inputMode="decimal"
            pattern="[0-9.eE\-]+"
            placeholder="the trainer’s own"
            problem={problem("encoder_learning_rate")}
          />
        </div>
      </div>
    </details>
  );
}

/** What the form asks for, in the server's units. */
function wishFrom(fields: FormData, bases: RetrainingChoices["bases"]): RetrainingWish & { release: Id } {
  const text = (name: string) => (fields.get(name) as string | null)?.trim() ?? "";
  const rate = (name: string) => (text(name) ? Number(text(name)) : null);
  const base = bases[Number(text("base"))];
  return {
    release: Number(text("release")),
    ...(base.checkpoint === null ? { location: base.location } : { checkpoint: base.checkpoint }),
    name: text("name"),
    steps: Number(text("steps")),
    rendered_share: Number(text("rendered_share")) / 100,
    learning_rate: rate("learning_rate"),
    encoder_learning_rate: rate("encoder_learning_rate"),
  };
}
