import { api, body } from "./client";
import type { FramePage, Id, Page, Video, VideoChange, VideosChange, VideoStatus } from "./models";

export interface VideoQuery {
  project: Id;
  status?: VideoStatus | undefined;
  /** Part of the name. */
  name?: string | undefined;
}

export const listVideos = (query: VideoQuery) =>
  body(api.GET("/api/videos/", { params: { query } })) as Promise<Page<Video>>;

export const getVideo = (id: Id) =>
  body(api.GET("/api/videos/{id}/", { params: { path: { id } } })) as Promise<Video>;

/** Says the split, the environment or the group of a video; "" takes back what was said. */
export const changeVideo = (id: Id, change: VideoChange) =>
  body(api.PATCH("/api/videos/{id}/", { params: { path: { id } }, body: change })) as Promise<Video>;

/** The same of up to 500 videos, which are given tags or lose some too. */
export const changeVideos = (project: Id, change: VideosChange): Promise<void> =>
  body(api.PATCH("/api/projects/{id}/videos/", { params: { path: { id: project } }, body: change }));

/** Takes a video away: one that never became one for good, any other into the bin. */
export const removeVideo = (id: Id): Promise<void> =>
  body(api.DELETE("/api/videos/{id}/", { params: { path: { id } } }));

/** Presigned addresses of the annotated frames `start` … `start + count - 1`; at most 500 at once. */
export const getFrames = (
  video: Id,
  start: number,
  count: number,
  signal?: AbortSignal,
): Promise<FramePage> =>
  body(
    api.GET("/api/videos/{id}/frames/", { params: { path: { id: video }, query: { start, count } }, signal }),
  );
