import { api, body, once } from "./client";
import type {
  Attribute,
  Description,
  Id,
  Label,
  Masklet,
  NewAttribute,
  Tags,
  Video,
  Vocabulary,
} from "./models";

export const getVocabulary = (project: Id) =>
  body(api.GET("/api/projects/{id}/labels/", { params: { path: { id: project } } })) as Promise<Vocabulary>;

export const addLabel = (project: Id, name: string, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/labels/", {
      params: { path: { id: project }, header: once(idempotencyKey) },
      body: { name, supercategory: "" },
    }),
  ) as Promise<Label>;

export interface LabelChange {
  color?: string;
  /** The digit that gives it at the desk; "": none. */
  key?: string;
  retired?: boolean;
}

export const changeLabel = (project: Id, label: Id, change: LabelChange) =>
  body(
    api.PATCH("/api/projects/{id}/labels/{label}/", {
      params: { path: { id: project, label } },
      body: change,
    }),
  ) as Promise<Label>;

export const addAttribute = (project: Id, attribute: NewAttribute, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/attributes/", {
      params: { path: { id: project }, header: once(idempotencyKey) },
      body: attribute,
    }),
  ) as Promise<Attribute>;

/** Retires it or takes it back, or offers more answers. */
export const changeAttribute = (
  project: Id,
  attribute: Id,
  change: { choices?: string[]; retired?: boolean },
) =>
  body(
    api.PATCH("/api/projects/{id}/attributes/{attribute}/", {
      params: { path: { id: project, attribute } },
      body: change,
    }),
  ) as Promise<Attribute>;

/** Says what an object is; what is left out stays, a list takes the place of the one before. */
export const describeMasklet = (masklet: Id, description: Description) =>
  body(
    api.PATCH("/api/masklets/{id}/description/", {
      params: { path: { id: masklet } },
      body: description,
    }),
  ) as Promise<Masklet>;

/** Says what a video, or a stretch of it, shows. */
export const tagVideo = (video: Id, tags: Tags) =>
  body(
    api.PATCH("/api/videos/{id}/tags/", { params: { path: { id: video } }, body: tags }),
  ) as Promise<Video>;
