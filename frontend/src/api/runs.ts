import { api, body } from "./client";
import type { Id, Page, Run, RunKind, RunStatus } from "./models";

export interface RunQuery {
  project?: Id;
  masklet?: Id;
  video?: Id;
  kind?: RunKind;
  live?: boolean | undefined;
}

export const listRuns = ({ live, kind, ...query }: RunQuery) =>
  body(
    api.GET("/api/runs/", { params: { query: { ...query, kind: kind && [kind], live: live?.toString() } } }),
  ) as Promise<Page<Run>>;

export const getRun = (id: Id) =>
  body(api.GET("/api/runs/{id}/", { params: { path: { id } } })) as Promise<Run>;

export const cancelRun = (id: Id) =>
  body(api.POST("/api/runs/{id}/cancel/", { params: { path: { id } } })) as Promise<Run>;

/** Carries masks through the frames. */
export const isPropagation = ({ kind }: Pick<Run, "kind">) => kind === "propagate";

/** Makes the mask of one frame. */
export const isPrediction = ({ kind }: Pick<Run, "kind">) => kind === "predict";

export const isLive = (status: RunStatus) => status === "queued" || status === "running";
