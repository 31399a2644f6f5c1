import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState, type FormEvent } from "react";

import { newIdempotencyKey } from "@/api/client";
import { addLabel, changeLabel, getVocabulary, type LabelChange } from "@/api/labels";
import { keys } from "@/api/keys";
import type { Id, Label } from "@/api/models";
import { Button, ErrorNote, Section, Table, TextField, Working, type Column } from "@/ui";

import styles from "./LabelList.module.css";

/** What objects may be called. A label's number is its category's in every export, for ever. */
export function LabelList({ project }: { project: Id }) {
  const { data, error } = useQuery({ queryKey: keys.labels(project), queryFn: () => getVocabulary(project) });
  return (
    <Section title="Labels">
      <NewLabel project={project} />
      {error && <ErrorNote title="The labels could not be loaded" error={error} />}
      {!data && !error && <Working>Loading the labels</Working>}
      {data?.labels.length === 0 && (
        <p>No labels yet: objects are called as annotators like. With the first one only the list counts.</p>
      )}
      {data && data.labels.length > 0 && (
        <Table caption="Labels" columns={columns(project)} rows={data.labels} rowKey={({ id }) => id} />
      )}
    </Section>
  );
}

const columns = (project: Id): Column<Label>[] => [
  { name: "Number", header: "Number", numeric: true, cell: ({ number }) => number },
  { name: "Colour", header: "Colour", cell: (label) => <Colour project={project} label={label} /> },
  {
    name: "Name",
    header: "Name",
    wide: true,
    cell: ({ name, retired }) => <span className={retired ? styles.retired : undefined}>{name}</span>,
  },
  { name: "Key", header: "Key at the desk", cell: (label) => <KeyChoice project={project} label={label} /> },
  { name: "Retire", cell: (label) => <Retire project={project} label={label} /> },
];

function useChange(project: Id, label: Label) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: LabelChange) => changeLabel(project, label.id, change),
    onSettled: () => client.invalidateQueries({ queryKey: keys.labels(project) }),
  });
}

function Colour({ project, label }: { project: Id; label: Label }) {
  const change = useChange(project, label);
  return (
    <input
      type="color"
      className={styles.color}
      aria-label={`Colour of ${label.name}`}
      defaultValue={label.color}
      onBlur={({ target }) => target.value !== label.color && change.mutate({ color: target.value })}
    />
  );
}

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];

/** Shift with a digit gives the label at the desk. */
function KeyChoice({ project, label }: { project: Id; label: Label }) {
  const change = useChange(project, label);
  if (label.retired) return null;
  return (
    <>
      <select
        className={styles.key}
        aria-label={`Key of ${label.name}`}
        value={change.isPending ? change.variables.key : label.key}
        onChange={({ target }) => change.mutate({ key: target.value })}
      >
        <option value="">none</option>
        {DIGITS.map((digit) => (
          <option key={digit} value={digit}>
            Shift + {digit}
          </option>
        ))}
      </select>
      {change.error && (
        <span className={styles.failed} role="alert">
          {change.error.message}
        </span>
      )}
    </>
  );
}

function Retire({ project, label }: { project: Id; label: Label }) {
  const change = useChange(project, label);
  return (
    <Button
      small
      variant="quiet"
      onClick={() => change.mutate({ retired: !label.retired })}
      busy={change.isPending && "Saving"}
    >
      {label.retired ? "Offer again" : "Retire"}
    </Button>
  );
}

function NewLabel({ project }: { project: Id }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const add = useMutation({
    mutationFn: (key: string) => addLabel(project, name.trim(), key),
    onSuccess: () => {
      setName("");
      return client.invalidateQueries({ queryKey: keys.labels(project) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(newIdempotencyKey());
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="New label"
        required
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" icon={Plus} busy={add.isPending && "Adding"}>
        Add
      </Button>
      {add.error && <ErrorNote error={add.error} />}
    </form>
  );
}
