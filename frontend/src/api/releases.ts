import { api, body, once } from "./client";
import type { Id, Page, Release, Run } from "./models";

const at = (id: Id) => ({ path: { id } });

export const listReleases = (project: Id) =>
  body(api.GET("/api/projects/{id}/releases/", { params: at(project) })) as Promise<Page<Release>>;

export const createRelease = (project: Id, name: string, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/releases/", {
      params: { ...at(project), header: once(idempotencyKey) },
      body: { name },
    }),
  ) as Promise<Release>;

export const freezeRelease = (id: Id) =>
  body(api.POST("/api/releases/{id}/freeze/", { params: at(id) })) as Promise<{ run: Run }>;

export const exportRelease = (id: Id, idempotencyKey: string) =>
  body(
    api.POST("/api/releases/{id}/export/", {
      params: { ...at(id), header: once(idempotencyKey) },
      body: { format: "sa-v" },
    }),
  ) as Promise<{ run: Run }>;
