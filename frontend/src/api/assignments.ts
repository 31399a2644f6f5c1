import { api, body, held } from "./client";
import type { Assignment, Claim, Id, Masklet } from "./models";

const at = (id: Id) => ({ path: { id } });
const mine = ({ id, token }: Assignment) => ({ ...at(id), header: held(token) });

/** The next masklet to annotate, or `undefined` when the queue is empty. */
export const nextToAnnotate = (project: Id) =>
  body(api.POST("/api/projects/{id}/queue/annotation/next/", { params: at(project) })) as Promise<
    Claim | undefined
  >;

/**
 * Claims a masklet, or renews one's own claim.
 * @throws ApiError `held_by_other`, or `open_in_another_tab` (then `takeover` moves the work here).
 */
export const claimMasklet = (masklet: Id, takeover = false) =>
  body(api.POST("/api/masklets/{id}/claim/", { params: at(masklet), body: { takeover } })) as Promise<Claim>;

export const heartbeatAssignment = (assignment: Assignment) =>
  body(api.POST("/api/assignments/{id}/heartbeat/", { params: mine(assignment) })) as Promise<Assignment>;

export const submitAssignment = (assignment: Assignment) =>
  body(api.POST("/api/assignments/{id}/submit/", { params: mine(assignment) })) as Promise<Masklet>;

/** @param keepalive lets the request outlive the page; for the last word before leaving. */
export const handBackAssignment = (assignment: Assignment, keepalive = false) =>
  body(
    api.POST("/api/assignments/{id}/hand-back/", { params: mine(assignment), keepalive }),
  ) as Promise<Masklet>;

export const discardAssignment = (assignment: Assignment, reason: string) =>
  body(
    api.POST("/api/assignments/{id}/discard/", { params: mine(assignment), body: { reason } }),
  ) as Promise<Masklet>;
