import { useQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Checkpoint, Id } from "@/api/models";
import { listCheckpoints } from "@/api/projects";

/** The checkpoint that makes the masks of this project; null until it is known. */
export function useCheckpoint(project: Id): Checkpoint | null {
  const { data } = useQuery({
    queryKey: [...keys.project(project), "checkpoints"],
    queryFn: () => listCheckpoints(project),
    staleTime: 5 * 60_000,
  });
  return data?.find(({ active }) => active) ?? null;
}
