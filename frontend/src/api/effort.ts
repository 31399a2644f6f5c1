import { api, body, held } from "./client";
import type { Assignment, EffortEntry, Id, OwnEffort } from "./models";

/**
 * Tell what time was spent; may be told again.
 * @param keepalive lets the request outlive the page.
 */
export const reportEffort = (
  { id, token }: Pick<Assignment, "id" | "token">,
  entries: EffortEntry[],
  keepalive = false,
): Promise<unknown> =>
  body(
    api.POST("/api/assignments/{id}/effort/", {
      params: { path: { id }, header: held(token) },
      body: { entries },
      keepalive,
    }),
  );

/** One's own figures. */
export const ownEffort = (project: Id) =>
  body(
    api.GET("/api/projects/{id}/effort/mine/", { params: { path: { id: project } } }),
  ) as Promise<OwnEffort>;
