import { useQuery } from "@tanstack/react-query";

import { listCheckpoints } from "@/api/checkpoints";
import { keys } from "@/api/keys";
import type { Checkpoint, Id } from "@/api/models";

/** The checkpoint that makes the masks of this project; null until it is known. */
export function useCheckpoint(project: Id): Checkpoint | null {
  const { data } = useQuery({
    queryKey: [...keys.checkpoints, { project, status: "active" }],
    queryFn: () => listCheckpoints(project, "active"),
    staleTime: 5 * 60_000,
  });
  return data?.results[0] ?? null;
}
