import { api, body } from "./client";
import type { Id, Masklet, Queue } from "./models";

export const annotationQueue = (project: Id) =>
  body(
    api.GET("/api/projects/{id}/queue/annotation/", { params: { path: { id: project } } }),
  ) as Promise<Queue>;

export interface Allotment {
  /**
   * Whose it shall be; null gives it to anyone. Ends the lease of somebody else who holds it. Left out, all
   * stays.
   */
  person?: string | null;
  priority?: number;
}

export const allot = (masklet: Id, allotment: Allotment) =>
  body(
    api.POST("/api/masklets/{id}/assign/", { params: { path: { id: masklet } }, body: allotment }),
  ) as Promise<Masklet>;
