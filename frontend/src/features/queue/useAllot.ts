import { useMutation, useQueryClient } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Id, Queue, QueueRow } from "@/api/models";
import { allot, type Allotment } from "@/api/queue";

/**
 * Says whose a masklet is and how soon it is wanted. The table shows it at once; a refusal puts it back as
 * it was.
 */
export function useAllot(project: Id, row: QueueRow) {
  const client = useQueryClient();
  const queryKey = keys.queue(project);
  return useMutation({
    mutationFn: (allotment: Allotment) => allot(row.masklet, allotment),
    onMutate: async (allotment) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData<Queue>(queryKey);
      client.setQueryData<Queue>(
        queryKey,
        (queue) =>
          queue && {
            ...queue,
            rows: queue.rows.map((one) => (one.masklet === row.masklet ? allotted(one, allotment) : one)),
          },
      );
      return before;
    },
    onError: (_error, _allotment, before) => client.setQueryData(queryKey, before),
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}

/** The row as it will be; its place in the order is the server's to say. */
export function allotted(row: QueueRow, { person, priority = row.priority }: Allotment): QueueRow {
  if (person === undefined) return { ...row, priority };
  const kept = row.held_by === person;
  return {
    ...row,
    priority,
    assigned_to: person,
    held_by: kept ? row.held_by : null,
    held_seconds: kept ? row.held_seconds : null,
  };
}
