import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

import { isApiError } from "@/api/client";
import type { Session } from "@/api/models";
import { sessionQuery } from "@/api/useSession";

export function createQueryClient(): QueryClient {
  // A session that ended shows the sign-in form in place of the page; the address stays.
  const onError = (error: Error) => {
    if (!isApiError(error, "not_signed_in")) return;
    client.setQueryData(
      sessionQuery.queryKey,
      (session: Session | undefined) => session && { ...session, user: null },
    );
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    // The client in api/ retries what may be retried.
    defaultOptions: { queries: { retry: false, staleTime: 5_000 }, mutations: { retry: false } },
  });
  return client;
}
