import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

export interface Opening<T> {
  data: T | undefined;
  /** Why it could not be opened; null while it is being tried. */
  refused: Error | null;
  /** New for each time that the masklet is opened. */
  visit: string;
  retry: () => void;
  takeOver: () => void;
  /** Claims the masklet anew. */
  reopen: () => void;
}

/** One claim for each time that a desk is opened, however often React renders it. */
export function useOpening<T>(name: readonly unknown[], open: (takeover: boolean) => Promise<T>): Opening<T> {
  const [visit, setVisit] = useState(() => crypto.randomUUID());
  const [takeover, setTakeover] = useState(false);
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: [...name, visit, takeover],
    queryFn: () => open(takeover),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  return {
    data,
    refused: isFetching ? null : error,
    visit,
    retry: () => void refetch(),
    takeOver: () => setTakeover(true),
    reopen: () => setVisit(crypto.randomUUID()),
  };
}
