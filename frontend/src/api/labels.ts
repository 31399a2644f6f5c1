import { api, body, once } from "./client";
import type { Id, Label, Vocabulary } from "./models";

export const getVocabulary = (project: Id) =>
  body(api.GET("/api/projects/{id}/labels/", { params: { path: { id: project } } })) as Promise<Vocabulary>;

export const addLabel = (project: Id, name: string, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/labels/", {
      params: { path: { id: project }, header: once(idempotencyKey) },
      body: { name, supercategory: "" },
    }),
  ) as Promise<Label>;

export const changeLabel = (
  project: Id,
  label: Id,
  change: { name?: string; color?: string; retired?: boolean },
) =>
  body(
    api.PATCH("/api/projects/{id}/labels/{label}/", {
      params: { path: { id: project, label } },
      body: change,
    }),
  ) as Promise<Label>;
