import { api, body, once } from "./client";
import type {
  ExportFile,
  Format,
  FormatName,
  Id,
  Page,
  Release,
  ReleaseDiff,
  ReleaseFigures,
  Run,
} from "./models";
import { allRows, LARGEST_PAGE } from "./pages";

const at = (id: Id) => ({ path: { id } });

export const listReleases = (project: Id) =>
  body(api.GET("/api/projects/{id}/releases/", { params: at(project) })) as Promise<Page<Release>>;

/** Every release of a project, the newest first. */
export const allReleases = (project: Id): Promise<Release[]> =>
  allRows(
    body(
      api.GET("/api/projects/{id}/releases/", {
        params: { ...at(project), query: { page_size: LARGEST_PAGE } },
      }),
    ) as Promise<Page<Release>>,
  );

export const createRelease = (project: Id, name: string, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/releases/", {
      params: { ...at(project), header: once(idempotencyKey) },
      body: { name },
    }),
  ) as Promise<Release>;

export const freezeRelease = (id: Id) =>
  body(api.POST("/api/releases/{id}/freeze/", { params: at(id) })) as Promise<{ run: Run }>;

export const exportRelease = (id: Id, format: FormatName, idempotencyKey: string) =>
  body(
    api.POST("/api/releases/{id}/export/", {
      params: { ...at(id), header: once(idempotencyKey) },
      body: { format },
    }),
  ) as Promise<{ run: Run }>;

export const listFormats = () => body(api.GET("/api/formats/")) as Promise<Format[]>;

export const listFiles = (exported: Id) =>
  body(api.GET("/api/exports/{id}/files/", { params: at(exported) })) as Promise<Page<ExportFile>>;

export const removeExport = (id: Id): Promise<void> =>
  body(api.DELETE("/api/exports/{id}/", { params: at(id) }));

/** Where all of an export is downloaded as one ZIP. */
export const zipOf = (exported: Id): string => `/api/exports/${exported}/zip/`;

export const getRelease = (id: Id) =>
  body(api.GET("/api/releases/{id}/", { params: at(id) })) as Promise<Release>;

export const getFigures = (id: Id) =>
  body(api.GET("/api/releases/{id}/statistics/", { params: at(id) })) as Promise<ReleaseFigures>;

export const measureRelease = (id: Id, idempotencyKey: string) =>
  body(
    api.POST("/api/releases/{id}/measure/", { params: { ...at(id), header: once(idempotencyKey) } }),
  ) as Promise<{ run: Run }>;

export const compareReleases = (id: Id, other: Id) =>
  body(
    api.GET("/api/releases/{id}/diff/", { params: { ...at(id), query: { other } } }),
  ) as Promise<ReleaseDiff>;
