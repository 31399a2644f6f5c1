import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";

import type { Session, User } from "./models";
import { getSession } from "./session";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: getSession,
  staleTime: 5 * 60_000,
});

export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** The person who is signed in. Only below the session gate. */
export function useUser(): User {
  const { user } = useSession();
  if (user === null) throw new Error("useUser is only for pages behind the session gate");
  return user;
}
