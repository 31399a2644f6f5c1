import { api, body, once } from "./client";
import type {
  Checkpoint,
  CheckpointStatus,
  Id,
  Page,
  RetrainingChoices,
  RetrainingWish,
  Run,
  TrainingEntry,
} from "./models";

const at = (id: Id) => ({ path: { id } });

export const listCheckpoints = (project: Id, status?: CheckpointStatus) =>
  body(api.GET("/api/checkpoints/", { params: { query: { project, status } } })) as Promise<Page<Checkpoint>>;

/** @param reason asked for where it is worse than its base. */
export const promoteCheckpoint = (id: Id, reason = "") =>
  body(
    api.POST("/api/checkpoints/{id}/promote/", { params: at(id), body: { reason } }),
  ) as Promise<Checkpoint>;

export const retireCheckpoint = (id: Id) =>
  body(api.POST("/api/checkpoints/{id}/retire/", { params: at(id) })) as Promise<Checkpoint>;

/** What a retraining may start from, and its usual settings. */
export const retrainingChoices = (project: Id) =>
  body(api.GET("/api/projects/{id}/retraining/", { params: at(project) })) as Promise<RetrainingChoices>;

export const retrain = (release: Id, wish: RetrainingWish, idempotencyKey: string) =>
  body(
    api.POST("/api/releases/{id}/retrainings/", {
      params: { ...at(release), header: once(idempotencyKey) },
      // What is left out is the server's to choose; the generated type asks for all of it.
      body: wish as Required<RetrainingWish>,
    }),
  ) as Promise<{ run: Run }>;

/** The losses and validations of a retraining so far. */
export const trainingLog = async (run: Id): Promise<TrainingEntry[]> =>
  (await body(api.GET("/api/runs/{id}/log/", { params: at(run) }))).entries;
