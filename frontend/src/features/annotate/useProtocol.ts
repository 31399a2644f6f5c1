import { useQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Protocol } from "@/api/models";
import { listPhases } from "@/api/phases";

/** What `phase` lets an annotator do; null until it is known. */
export function useProtocol(phase: number): Protocol | null {
  const { data } = useQuery({ queryKey: keys.phases, queryFn: listPhases, staleTime: Infinity });
  return data?.find((protocol) => protocol.phase === phase) ?? null;
}
