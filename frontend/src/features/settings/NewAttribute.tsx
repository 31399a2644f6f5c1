import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState, type FormEvent } from "react";

import { newIdempotencyKey } from "@/api/client";
import { addAttribute } from "@/api/labels";
import { keys } from "@/api/keys";
import type { AttributeKind, Id } from "@/api/models";
import { Button, ErrorNote, SelectField, TextField } from "@/ui";

import styles from "./LabelList.module.css";

const KINDS: { kind: AttributeKind; label: string }[] = [
  { kind: "choice", label: "One of a list" },
  { kind: "tick", label: "Yes or no" },
  { kind: "number", label: "A number" },
  { kind: "text", label: "A text" },
];

const EMPTY = { name: "", kind: "choice" as AttributeKind, choices: "" };

/** A new question about objects. */
export function NewAttribute({ project }: { project: Id }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const choices = draft.choices.split(",").flatMap((choice) => choice.trim() || []);
  const add = useMutation({
    mutationFn: (key: string) =>
      addAttribute(
        project,
        { name: draft.name.trim(), kind: draft.kind, ...(draft.kind === "choice" && { choices }) },
        key,
      ),
    onSuccess: () => {
      setDraft(EMPTY);
      return client.invalidateQueries({ queryKey: keys.labels(project) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(newIdempotencyKey());
  };
  return (
    <form className={`${styles.form} ${styles.attribute}`} onSubmit={submit}>
      <TextField
        label="New attribute"
        required
        maxLength={60}
        value={draft.name}
        onChange={({ target }) => setDraft({ ...draft, name: target.value })}
      />
      <SelectField
        label="Its answer"
        value={draft.kind}
        onChange={({ target }) => setDraft({ ...draft, kind: target.value as AttributeKind })}
      >
        {KINDS.map(({ kind, label }) => (
          <option key={kind} value={kind}>
            {label}
          </option>
        ))}
      </SelectField>
      {draft.kind === "choice" ? (
        <TextField
          label="The list, with commas"
          required
          value={draft.choices}
          onChange={({ target }) => setDraft({ ...draft, choices: target.value })}
        />
      ) : (
        <span />
      )}
      <Button type="submit" icon={Plus} busy={add.isPending && "Adding"}>
        Add
      </Button>
      {add.error && <ErrorNote error={add.error} />}
    </form>
  );
}
