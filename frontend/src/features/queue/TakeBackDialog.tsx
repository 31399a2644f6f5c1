import type { Id, QueuePerson, QueueRow } from "@/api/models";
import { Button, Dialog, ErrorNote } from "@/ui";

import { useAllot } from "./useAllot";

export interface Taking {
  row: QueueRow;
  /** Who holds it now, and who gets it (null: anyone): user names. */
  holder: string;
  person: string | null;
}

/** Somebody is at work on it now, so this asks. */
export function TakeBackDialog({
  project,
  people,
  taking: { row, holder, person },
  onClose,
}: {
  project: Id;
  people: readonly QueuePerson[];
  taking: Taking;
  onClose: () => void;
}) {
  const take = useAllot(project, row);
  const nameOf = (username: string) => people.find((one) => one.username === username)?.name ?? username;
  return (
    <Dialog
      title={`Take object ${row.object_id} from ${nameOf(holder)}?`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            onClick={() => take.mutate({ person }, { onSuccess: onClose })}
            busy={take.isPending && "Taking it back"}
          >
            {person === null ? "Take it back" : `Give it to ${nameOf(person)}`}
          </Button>
        </>
      }
    >
      <p>
        {nameOf(holder)} is at work on it now and loses it at once. What is saved stays: the masklet goes back
        to the queue as it is
        {person === null ? ", for anyone." : `, kept for ${nameOf(person)}.`}
      </p>
      {take.error && <ErrorNote error={take.error} />}
    </Dialog>
  );
}
