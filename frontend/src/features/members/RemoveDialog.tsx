import { useMutation, useQueryClient } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Id, Member } from "@/api/models";
import { removeMember } from "@/api/projects";
import { Button, Dialog, ErrorNote } from "@/ui";

/** Takes every role of one person away, one after the other, so that a refusal leaves the rest as it is. */
export function RemoveDialog({
  project,
  name,
  memberships,
  onClose,
}: {
  project: Id;
  name: string;
  memberships: readonly Member[];
  onClose: () => void;
}) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: async () => {
      for (const { id } of memberships) await removeMember(project, id);
    },
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: keys.members(project) }),
  });
  return (
    <Dialog
      title={`Remove ${name} from this project?`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" onClick={() => remove.mutate()} busy={remove.isPending && "Removing"}>
            Remove
          </Button>
        </>
      }
    >
      <p>
        {name} sees nothing of this project from now on. What {name} made stays; what is at work is free for
        others within two minutes.
      </p>
      {remove.error && <ErrorNote error={remove.error} />}
    </Dialog>
  );
}
