import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";
import { useNavigate } from "react-router";

import { fieldProblem, newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import { createProject } from "@/api/projects";
import { Button, Dialog, ErrorNote, TextArea, TextField } from "@/ui";

import styles from "./ProjectsPage.module.css";

export function NewProjectDialog({ onClose }: { onClose: () => void }) {
  const form = useId();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [fps, setFps] = useState("24");
  const [every, setEvery] = useState("4");
  const create = useMutation({
    mutationFn: (idempotencyKey: string) =>
      createProject(
        {
          name: name.trim(),
          description: description.trim(),
          fps: Number(fps),
          annotate_every: Number(every),
        },
        idempotencyKey,
      ),
    onSuccess: async (project) => {
      void client.invalidateQueries({ queryKey: keys.projects });
      await navigate(`/projects/${project.id}`);
    },
  });
  const problem = fieldProblem(create.error, "name");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(newIdempotencyKey());
  };
  return (
    <Dialog
      title="New project"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form} busy={create.isPending && "Creating"}>
            Create project
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="stack">
        <TextField
          label="Name"
          problem={problem}
          required
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextArea
          label="What is it for? (optional)"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <div className={styles.pair}>
          <TextField
            label="Frames per second"
            type="number"
            min={1}
            max={120}
            step="any"
            required
            value={fps}
            onChange={(event) => setFps(event.target.value)}
          />
          <TextField
            label="Annotate every … frames"
            type="number"
            min={1}
            max={240}
            required
            value={every}
            onChange={(event) => setEvery(event.target.value)}
          />
        </div>
        <p className={styles.description}>{rhythm(Number(fps), Number(every))}</p>
        {create.error && !problem && <ErrorNote error={create.error} />}
      </form>
    </Dialog>
  );
}

function rhythm(fps: number, every: number): string {
  if (!(fps > 0) || !(every >= 1)) return "Videos are laid on one timeline for the whole project.";
  return `Every video is laid on a timeline of ${fps} frames per second; people see ${+(fps / every).toFixed(2)} of them per second.`;
}
