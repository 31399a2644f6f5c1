import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PackageCheck } from "lucide-react";
import { useId, useState, type FormEvent } from "react";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { FormatName, Release } from "@/api/models";
import { exportRelease, listFormats } from "@/api/releases";
import { Button, Dialog, ErrorNote, SelectField, Working } from "@/ui";

import styles from "./ReleaseCard.module.css";

/** In which format to write a release, and what that one cannot hold. */
export function ExportDialog({ release, onClose }: { release: Release; onClose: () => void }) {
  const form = useId();
  const client = useQueryClient();
  const { data: formats, error } = useQuery({
    queryKey: keys.formats,
    queryFn: listFormats,
    staleTime: Infinity,
  });
  const [name, setName] = useState<FormatName>("sav");
  const write = useMutation({
    mutationFn: (key: string) => exportRelease(release.id, name, key),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.releases });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    write.mutate(newIdempotencyKey());
  };
  const chosen = formats?.find((format) => format.name === name);
  return (
    <Dialog
      title={`Export ${release.name}`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            icon={PackageCheck}
            type="submit"
            form={form}
            busy={write.isPending && "Asking for the export"}
          >
            {release.exports.some(({ format }) => format === name) ? "Write again" : "Write"}
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        {!formats && !error && <Working>Loading the formats</Working>}
        {formats && (
          <SelectField
            label="Format"
            value={name}
            onChange={(event) => setName(event.target.value as FormatName)}
          >
            {formats
              .filter(({ written }) => written)
              .map((format) => (
                <option key={format.name} value={format.name}>
                  {format.title}
                </option>
              ))}
          </SelectField>
        )}
        {chosen && chosen.lost.length > 0 && (
          <div className={styles.quiet}>
            What it cannot hold:
            <ul className={styles.lost}>
              {chosen.lost.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </div>
        )}
        {(error ?? write.error) && <ErrorNote error={error ?? write.error} />}
      </form>
    </Dialog>
  );
}
