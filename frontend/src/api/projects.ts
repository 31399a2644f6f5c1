import { api, body, once } from "./client";
import type { Id, Member, NewProject, Page, Project, Role } from "./models";

const at = (id: Id) => ({ path: { id } });

export const listProjects = () => body(api.GET("/api/projects/")) as Promise<Page<Project>>;

export const getProject = (id: Id) => body(api.GET("/api/projects/{id}/", { params: at(id) })) as Promise<Project>;

export const createProject = (project: NewProject, idempotencyKey: string) =>
  body(api.POST("/api/projects/", { params: { header: once(idempotencyKey) }, body: project })) as Promise<Project>;

export const listMembers = (project: Id) =>
  body(api.GET("/api/projects/{id}/members/", { params: at(project) })) as Promise<Member[]>;

/** @param user a user name. */
export const addMember = (project: Id, user: string, role: Role, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/members/", {
      params: { ...at(project), header: once(idempotencyKey) },
      body: { user, role },
    }),
  ) as Promise<Member>;
