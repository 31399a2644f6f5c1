import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { fieldProblem, newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Id } from "@/api/models";
import { createRelease } from "@/api/releases";
import { Button, Dialog, ErrorNote, TextField } from "@/ui";

export function NewReleaseDialog({
  project,
  accepted,
  onClose,
}: {
  project: Id;
  accepted: string;
  onClose: () => void;
}) {
  const form = useId();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: (key: string) => createRelease(project, name.trim(), key),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.releases });
      onClose();
    },
  });
  const problem = fieldProblem(create.error, "name");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(newIdempotencyKey());
  };
  return (
    <Dialog
      title="New release"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form} busy={create.isPending && "Creating"}>
            Create draft
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <TextField
          label="Name"
          problem={problem}
          hint={`A draft holds nothing yet. Freezing it takes in every masklet that is accepted then (now ${accepted}).`}
          placeholder="2026.1"
          required
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {create.error && !problem && <ErrorNote error={create.error} />}
      </form>
    </Dialog>
  );
}
