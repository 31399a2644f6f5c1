import { api, body } from "./client";
import type { AuditCheck, AuditEntry, AuditKind, Id, Page } from "./models";

/** Days are "2026-11-27", in UTC. */
export interface AuditQuery {
  person?: string | undefined;
  kind?: AuditKind | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

export const listAudit = (project: Id, query: AuditQuery) =>
  body(api.GET("/api/projects/{id}/audit/", { params: { path: { id: project }, query } })) as Promise<
    Page<AuditEntry>
  >;

/** Has every entry hashed anew. */
export const checkAudit = (project: Id) =>
  body(
    api.GET("/api/projects/{id}/audit/check/", { params: { path: { id: project } } }),
  ) as Promise<AuditCheck>;

export function auditCsvAddress(project: Id, query: AuditQuery): string {
  const asked = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const search = new URLSearchParams(asked).toString();
  return `/api/projects/${project}/audit/csv/${search && `?${search}`}`;
}
