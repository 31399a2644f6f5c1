/** What owners removed, and the way back. */

import { api, body } from "./client";
import type { BinnedProject, BinnedVideo, Id, Project, Video } from "./models";

/** Removed videos of a project that can come back. */
export const listBin = (project: Id) =>
  body(api.GET("/api/projects/{id}/bin/", { params: { path: { id: project } } })) as Promise<BinnedVideo[]>;

export const restoreVideo = (project: Id, video: Id) =>
  body(
    api.POST("/api/projects/{id}/bin/{video}/restore/", { params: { path: { id: project, video } } }),
  ) as Promise<Video>;

/** Removed projects of one's own that can come back. */
export const listRemovedProjects = () => body(api.GET("/api/bin/")) as Promise<BinnedProject[]>;

export const restoreProject = (project: Id) =>
  body(api.POST("/api/bin/{id}/restore/", { params: { path: { id: project } } })) as Promise<Project>;

export const removeProject = (project: Id): Promise<void> =>
  body(api.DELETE("/api/projects/{id}/removal/", { params: { path: { id: project } } }));
