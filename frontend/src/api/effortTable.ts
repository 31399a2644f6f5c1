import { api, body } from "./client";
import type { Effort, EffortKey, Id, Phase } from "./models";

export interface EffortQuery {
  by: EffortKey;
  phase?: Phase | undefined;
  /** A user name. */
  person?: string | undefined;
  video?: Id | undefined;
  /** Whether masklets of controlled experiments count: they alone, the others alone, or all when left out. */
  trial?: boolean | undefined;
}

export const effortTable = (project: Id, query: EffortQuery) =>
  body(
    api.GET("/api/projects/{id}/effort/", { params: { path: { id: project }, query } }),
  ) as Promise<Effort>;

/** Where the same table lies as CSV. */
export function effortCsvAddress(project: Id, query: EffortQuery): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return `/api/projects/${project}/effort/csv/?${new URLSearchParams(given)}`;
}
