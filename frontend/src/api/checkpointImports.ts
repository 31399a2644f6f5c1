import { api, body, once } from "./client";
import type { CheckpointImport, Id, Page, Run } from "./models";

const at = (id: Id) => ({ path: { id } });

export const listCheckpointImports = (project: Id) =>
  body(api.GET("/api/projects/{id}/checkpoint-imports/", { params: at(project) })) as Promise<
    Page<CheckpointImport>
  >;

/** Where a checkpoint comes from: a location that the installation allows, or a file. */
export interface Coming {
  name: string;
  location: string;
  file: string;
  size: number;
}

export const beginCheckpointImport = (project: Id, coming: Coming, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/checkpoint-imports/", {
      params: { ...at(project), header: once(idempotencyKey) },
      body: coming,
    }),
  ) as Promise<CheckpointImport>;

export const completeCheckpointImport = (id: Id, parts: { part_number: number; etag: string }[]) =>
  body(
    api.POST("/api/checkpoint-imports/{id}/complete/", { params: at(id), body: { parts } }),
  ) as Promise<CheckpointImport>;

export const readCheckpointAgain = (id: Id, idempotencyKey: string) =>
  body(
    api.POST("/api/checkpoint-imports/{id}/", { params: { ...at(id), header: once(idempotencyKey) } }),
  ) as Promise<{ run: Run }>;

export const removeCheckpointImport = (id: Id): Promise<void> =>
  body(api.DELETE("/api/checkpoint-imports/{id}/", { params: at(id) }));
