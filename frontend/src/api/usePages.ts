import { useInfiniteQuery } from "@tanstack/react-query";

import type { Page } from "./models";
import { followPage } from "./pages";

/** Rows carry presigned links, which live five minutes. */
const FRESH_LINKS_MS = 240_000;

export interface Pages<T> {
  /** `undefined` until the first page is there. */
  rows: T[] | undefined;
  error: Error | null;
  refetch: () => void;
  /** Fetches the next page; `undefined` when this was the last. */
  more: (() => void) | undefined;
  fetchingMore: boolean;
}

export interface PagesOptions<T> {
  /** Milliseconds to the next look, given what is there; `false` for not by itself. */
  poll?: (rows: T[]) => number | false;
  enabled?: boolean;
}

/** A list that the server hands out in cursor pages. */
export function usePages<T>(
  queryKey: readonly unknown[],
  first: () => Promise<Page<T>>,
  options: PagesOptions<T> = {},
): Pages<T> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => (pageParam === null ? first() : followPage<T>(pageParam)),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page<T>) => page.next,
    placeholderData: (before) => before,
    enabled: options.enabled ?? true,
    refetchInterval: ({ state }) =>
      options.poll?.(state.data?.pages.flatMap((page) => page.results) ?? []) || FRESH_LINKS_MS,
  });
  return {
    rows: query.data?.pages.flatMap((page) => page.results),
    error: query.error,
    refetch: () => void query.refetch(),
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    fetchingMore: query.isFetchingNextPage,
  };
}
