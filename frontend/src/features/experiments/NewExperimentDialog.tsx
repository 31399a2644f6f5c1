import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";
import { useNavigate } from "react-router";

import { fieldProblem, newIdempotencyKey } from "@/api/client";
import { startExperiment, type NewExperiment } from "@/api/experiments";
import { keys } from "@/api/keys";
import type { Groups, Id, Project } from "@/api/models";
import { listMembers } from "@/api/projects";
import { plural } from "@/lib/format";
import { Button, Dialog, ErrorNote, TextField, Working } from "@/ui";

import { GroupsField } from "./GroupsField";
import { candidates, divided, whyNot, type Candidate } from "./groups";
import { ObjectsField } from "./ObjectsField";

export function NewExperimentDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const form = useId();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [objects, setObjects] = useState<ReadonlySet<Id>>(new Set());
  // As the system would divide, until an owner moves somebody.
  const [byHand, setByHand] = useState<Groups | null>(null);
  const members = useQuery({ queryKey: keys.members(project.id), queryFn: () => listMembers(project.id) });
  const people = members.data && candidates(members.data);
  const groups = byHand ?? divided(people ?? []);

  const start = useMutation({
    mutationFn: ({ experiment, key }: { experiment: NewExperiment; key: string }) =>
      startExperiment(project.id, experiment, key),
    onSuccess: async ({ id }) => {
      for (const queryKey of [keys.experiments, keys.masklets, keys.queue(project.id)])
        void client.invalidateQueries({ queryKey });
      await navigate(`/projects/${project.id}/experiments/${id}`);
    },
  });
  const problem = fieldProblem(start.error, "name");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate({
      experiment: { name: name.trim(), masklets: [...objects], groups },
      key: newIdempotencyKey(),
    });
  };
  return (
    <Dialog
      wide
      title="New experiment"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form={form}
            busy={start.isPending && "Starting"}
            disabledReason={reason({ name, objects: objects.size, people, groups })}
          >
            {objects.size > 0 ? `Start with ${plural(objects.size, "object")}` : "Start"}
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <TextField
          label="Name"
          required
          maxLength={120}
          problem={problem}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <ObjectsField project={project.id} chosen={objects} onChange={setObjects} />
        {members.error && <ErrorNote title="The annotators could not be loaded" error={members.error} />}
        {!people && !members.error && <Working>Loading the annotators</Working>}
        {people && (
          <GroupsField
            people={people}
            groups={groups}
            onChange={setByHand}
            onDivide={byHand && (() => setByHand(null))}
          />
        )}
        {start.error && !problem && <ErrorNote title="The experiment was not started" error={start.error} />}
      </form>
    </Dialog>
  );
}

interface Wish {
  name: string;
  objects: number;
  people: readonly Candidate[] | undefined;
  groups: Groups;
}

/** Why it cannot start, the first thing to do first. */
function reason({ name, objects, people, groups }: Wish): string | undefined {
  if (!people) return "The annotators are still being loaded";
  const nobody = whyNot(people, groups);
  if (people.length < 3) return nobody;
  if (!name.trim()) return "It needs a name";
  if (objects === 0) return "Choose one object at least";
  return nobody;
}
