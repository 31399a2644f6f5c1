import { api, body, once } from "./client";
import type { ArchiveUpload, DatasetImport, Id, ImportPolicy, Page, Run } from "./models";

export const listImports = (project: Id) =>
  body(api.GET("/api/projects/{id}/imports/", { params: { path: { id: project } } })) as Promise<
    Page<DatasetImport>
  >;

export const beginImport = (
  project: Id,
  archive: { name: string; size: number; policy: ImportPolicy },
  idempotencyKey: string,
) =>
  body(
    api.POST("/api/projects/{id}/imports/", {
      params: { path: { id: project }, header: once(idempotencyKey) },
      body: { ...archive, format: "" },
    }),
  ) as Promise<ArchiveUpload>;

export const completeImport = (id: Id, parts: { part_number: number; etag: string }[]) =>
  body(
    api.POST("/api/imports/{id}/complete/", { params: { path: { id } }, body: { parts } }),
  ) as Promise<DatasetImport>;

export const readAgain = (id: Id, idempotencyKey: string) =>
  body(
    api.POST("/api/imports/{id}/", { params: { path: { id }, header: once(idempotencyKey) } }),
  ) as Promise<{ run: Run }>;

export const removeImport = (id: Id): Promise<void> =>
  body(api.DELETE("/api/imports/{id}/", { params: { path: { id } } }));
