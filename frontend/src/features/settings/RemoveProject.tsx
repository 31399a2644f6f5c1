import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useNavigate } from "react-router";

import { removeProject } from "@/api/bin";
import { keys } from "@/api/keys";
import type { Project } from "@/api/models";
import { Button, ErrorNote, Section } from "@/ui";

/** Into the bin with it; it can come back, so nothing is asked. */
export function RemoveProject({ project }: { project: Project }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => removeProject(project.id),
    onSuccess: async () => {
      await navigate("/");
      await Promise.all([
        client.invalidateQueries({ queryKey: keys.projects }),
        client.invalidateQueries({ queryKey: keys.removedProjects }),
      ]);
    },
  });
  return (
    <Section title="Remove this project">
      <p>
        Nobody sees it any more, with its videos, masklets and releases. For 30 days an owner can take it out
        of the bin on the page of all projects; then it leaves the store.
      </p>
      {remove.error && <ErrorNote title="The project was not removed" error={remove.error} />}
      <div>
        <Button icon={Trash2} onClick={() => remove.mutate()} busy={remove.isPending && "Removing"}>
          Move {project.name} to the bin
        </Button>
      </div>
    </Section>
  );
}
