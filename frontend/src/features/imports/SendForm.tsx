import { useMutation, useQueryClient } from "@tanstack/react-query";
import { PackagePlus } from "lucide-react";
import { useRef, useState, type FormEvent } from "react";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Id, ImportPolicy } from "@/api/models";
import { Button, ErrorNote, Progress, SelectField, TextField } from "@/ui";

import styles from "./ImportsPage.module.css";
import { sendArchive } from "./sendArchive";

export function SendForm({ project }: { project: Id }) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [policy, setPolicy] = useState<ImportPolicy>("verify");
  const [sent, setSent] = useState(0);
  const stop = useRef(new AbortController());
  const send = useMutation({
    mutationFn: (archive: File) => {
      stop.current = new AbortController();
      setSent(0);
      const { signal } = stop.current;
      return sendArchive({
        project,
        file: archive,
        policy,
        idempotencyKey: newIdempotencyKey(),
        signal,
        onSent: setSent,
      });
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.imports(project) }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) send.mutate(file);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="Archive"
        type="file"
        accept=".zip,application/zip"
        required
        onChange={(event) => setFile(event.target.files?.[0] ?? null)}
      />
      <SelectField
        label="Its masklets"
        value={policy}
        onChange={(event) => setPolicy(event.target.value as ImportPolicy)}
      >
        <option value="verify">wait for a reviewer</option>
        <option value="accept">count as accepted</option>
      </SelectField>
      <Button variant="primary" type="submit" icon={PackagePlus} busy={send.isPending && "Sending"}>
        Bring in
      </Button>
      {send.isPending && file && (
        <div>
          <Progress label={`Sending ${file.name}`} done={sent} total={file.size} unit="bytes" />
          <Button small onClick={() => stop.current.abort(new DOMException("Stopped", "AbortError"))}>
            Stop
          </Button>
        </div>
      )}
      {send.error && send.error.name !== "AbortError" && <ErrorNote error={send.error} />}
    </form>
  );
}
