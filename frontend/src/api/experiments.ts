import { api, body, once } from "./client";
import type { Experiment, Groups, Id, Page } from "./models";

const at = (id: Id) => ({ path: { id } });

export const listExperiments = (project: Id) =>
  body(api.GET("/api/projects/{id}/experiments/", { params: at(project) })) as Promise<Page<Experiment>>;

export const getExperiment = (id: Id) =>
  body(api.GET("/api/experiments/{id}/", { params: at(id) })) as Promise<Experiment>;

export interface NewExperiment {
  name: string;
  /** The objects, by a masklet that shows each. */
  masklets: Id[];
  groups: Groups;
}

export const startExperiment = (project: Id, experiment: NewExperiment, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/experiments/", {
      params: { ...at(project), header: once(idempotencyKey) },
      body: experiment,
    }),
  ) as Promise<Experiment>;
