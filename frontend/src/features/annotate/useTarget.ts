import { useQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import { getTarget } from "@/api/masklets";
import type { Masklet, Target } from "@/api/models";

/**
 * The object that is meant, in a controlled experiment; null where the annotator chooses, and until it is
 * known.
 */
export function useTarget({ id, trial }: Masklet): Target | null {
  const { data } = useQuery({
    queryKey: [...keys.masklet(id), "target"],
    queryFn: async () => (await getTarget(id)) ?? null,
    enabled: trial,
    staleTime: Infinity,
  });
  return data ?? null;
}
