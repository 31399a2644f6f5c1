import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { retrainingChoices } from "@/api/checkpoints";
import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Id } from "@/api/models";
import { Button, Dialog, ErrorNote, Progress, SelectField, TextField } from "@/ui";

import { bringIn } from "./bringIn";
import styles from "./loop.module.css";

const A_FILE = "";

/** A checkpoint from elsewhere, by a name that is allowed or as a file. It becomes a candidate. */
export function BringInDialog({ project, onClose }: { project: Id; onClose: () => void }) {
  const client = useQueryClient();
  const [location, setLocation] = useState(A_FILE);
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [sent, setSent] = useState(0);
  const stop = useRef(new AbortController());
  const choices = useQuery({
    queryKey: [...keys.checkpoints, "choices", project],
    queryFn: () => retrainingChoices(project),
  });
  const usual = location === A_FILE ? (file?.name.replace(/\.(zip|pt)$/, "") ?? "") : location;
  const bring = useMutation({
    mutationFn: () =>
      bringIn({
        project,
        name: name.trim() || usual,
        source: location === A_FILE && file ? file : location,
        idempotencyKey: newIdempotencyKey(),
        signal: stop.current.signal,
        onSent: setSent,
      }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: keys.checkpointImports(project) }),
  });
  const close = () => {
    stop.current.abort(new DOMException("Stopped", "AbortError"));
    onClose();
  };
  const missing = location === A_FILE && file === null ? "Choose a file, or a name above." : undefined;
  return (
    <Dialog
      title="Bring in a checkpoint"
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            variant="primary"
            disabledReason={missing}
            onClick={() => bring.mutate()}
            busy={bring.isPending && "Sending"}
          >
            Bring in
          </Button>
        </>
      }
    >
      <p className={styles.quiet}>
        It becomes a candidate: nothing that people use changes until it is judged and promoted. Every tensor
        is checked by name, shape and number before anything is kept.
      </p>
      <SelectField label="From" value={location} onChange={(event) => setLocation(event.target.value)}>
        <option value={A_FILE}>a file of yours</option>
        {choices.data?.locations.map((place) => (
          <option key={place} value={place}>
            {place}
          </option>
        ))}
      </SelectField>
      {location === A_FILE && (
        <TextField
          label="File"
          type="file"
          accept=".zip,.pt,application/zip"
          hint="A ZIP of config.json and model.safetensors, as save_pretrained writes them, or the .pt of SAM 2’s authors. No other pickle is opened."
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
      )}
      <TextField
        label="Its name here"
        maxLength={120}
        placeholder={usual}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {bring.isPending && file && (
        <Progress label={`Sending ${file.name}`} done={sent} total={file.size} unit="bytes" />
      )}
      {(bring.error ?? choices.error) && <ErrorNote error={bring.error ?? choices.error} />}
    </Dialog>
  );
}
