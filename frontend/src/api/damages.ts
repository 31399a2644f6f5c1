import { api, body } from "./client";
import type { Damage, Id, Page } from "./models";

/** Stored objects that are missing or damaged; owners only. */
export const listDamages = (project: Id) =>
  body(api.GET("/api/projects/{id}/damages/", { params: { path: { id: project } } })) as Promise<
    Page<Damage>
  >;
