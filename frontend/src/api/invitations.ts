import { api, body, once } from "./client";
import type { Id, Invitation, Member, OwnInvitation, Role } from "./models";

export const listInvitations = (project: Id) =>
  body(api.GET("/api/projects/{id}/invitations/", { params: { path: { id: project } } })) as Promise<
    Invitation[]
  >;

/** @param user a user name; the answer does not tell whether anybody has it. */
export const invite = (project: Id, user: string, role: Role, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/invitations/", {
      params: { path: { id: project }, header: once(idempotencyKey) },
      body: { user, role },
    }),
  ) as Promise<Invitation>;

export const withdrawInvitation = (project: Id, invitation: Id): Promise<void> =>
  body(
    api.DELETE("/api/projects/{id}/invitations/{invitation}/", {
      params: { path: { id: project, invitation } },
    }),
  );

export const listOwnInvitations = () => body(api.GET("/api/invitations/")) as Promise<OwnInvitation[]>;

export const acceptInvitation = (id: Id, idempotencyKey: string) =>
  body(
    api.POST("/api/invitations/{id}/accept/", { params: { path: { id }, header: once(idempotencyKey) } }),
  ) as Promise<Member>;

export const declineInvitation = (id: Id, idempotencyKey: string): Promise<void> =>
  body(
    api.POST("/api/invitations/{id}/decline/", { params: { path: { id }, header: once(idempotencyKey) } }),
  );
