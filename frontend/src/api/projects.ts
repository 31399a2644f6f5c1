import { api, body, once } from "./client";
import type { Id, Member, NewProject, Page, Phase, Project, ProjectChange, Usage } from "./models";

const at = (id: Id) => ({ path: { id } });

export const listProjects = () => body(api.GET("/api/projects/")) as Promise<Page<Project>>;

export const getProject = (id: Id) =>
  body(api.GET("/api/projects/{id}/", { params: at(id) })) as Promise<Project>;

export const createProject = (project: NewProject, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/", { params: { header: once(idempotencyKey) }, body: project }),
  ) as Promise<Project>;

export const changeProject = (id: Id, change: ProjectChange) =>
  body(api.PATCH("/api/projects/{id}/", { params: at(id), body: change })) as Promise<Project>;

/** What it takes of the installation, and may take. */
export const getUsage = (id: Id) =>
  body(api.GET("/api/projects/{id}/usage/", { params: at(id) })) as Promise<Usage>;

/** New objects of these videos are made in `phase`; null: in the project's. */
export const setVideosPhase = (project: Id, phase: Phase | null, videos: Id[]): Promise<void> =>
  body(api.POST("/api/projects/{id}/phase/", { params: at(project), body: { phase, videos } }));

export const listMembers = (project: Id) =>
  body(api.GET("/api/projects/{id}/members/", { params: at(project) })) as Promise<Member[]>;

/** Takes one role away; whoever has none left is no member. */
export const removeMember = (project: Id, membership: Id): Promise<void> =>
  body(
    api.DELETE("/api/projects/{id}/members/{membership}/", { params: { path: { id: project, membership } } }),
  );

/** Whether a reviewer is a senior, and of what share of an annotator's work somebody looks at. */
export const changeMember = (
  project: Id,
  membership: Id,
  change: { senior?: boolean; look_share?: number | null },
) =>
  body(
    api.PATCH("/api/projects/{id}/members/{membership}/", {
      params: { path: { id: project, membership } },
      body: change,
    }),
  ) as Promise<Member>;

/** What a member is trained for. */
export const trainMember = (project: Id, membership: Id, phases: Phase[]) =>
  body(
    api.PATCH("/api/projects/{id}/members/{membership}/", {
      params: { path: { id: project, membership } },
      body: { phases },
    }),
  ) as Promise<Member>;
