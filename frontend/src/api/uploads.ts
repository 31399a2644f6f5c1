import { api, body, once } from "./client";
import type { Id, Upload, UploadedPart, Video } from "./models";

export interface NewUpload {
  name: string;
  /** Bytes. */
  size: number;
  content_type: string;
  /** Of its two ends; "" where this browser cannot tell. */
  fingerprint: string;
  /** Although the project has the same file already. */
  again: boolean;
}

const at = (id: Id) => ({ path: { id } });

export const createUpload = (project: Id, upload: NewUpload, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/uploads/", {
      params: { ...at(project), header: once(idempotencyKey) },
      body: upload,
    }),
  ) as Promise<Upload>;

/** Presigned addresses to PUT parts to, by part number (1-based). */
export async function signParts(
  upload: Id,
  partNumbers: number[],
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const { urls } = await body(
    api.POST("/api/uploads/{id}/parts/", { params: at(upload), body: { part_numbers: partNumbers }, signal }),
  );
  return urls;
}

/** The parts that the store already holds; what makes an upload resumable. */
export async function listParts(upload: Id, signal?: AbortSignal): Promise<UploadedPart[]> {
  return (await body(api.GET("/api/uploads/{id}/parts/", { params: at(upload), signal }))).parts;
}

export const completeUpload = (upload: Id, parts: { part_number: number; etag: string }[]) =>
  body(api.POST("/api/uploads/{id}/complete/", { params: at(upload), body: { parts } })) as Promise<Video>;

export const abortUpload = (upload: Id): Promise<void> =>
  body(api.DELETE("/api/uploads/{id}/", { params: at(upload) }));
