import { api, body, once } from "./client";
import type {
  Canary,
  Checkpoint,
  EvaluationSet,
  ExportedCheckpoint,
  GateEvaluation,
  Id,
  Page,
  PolicyChange,
  Promotion,
  Run,
  TrainingPolicy,
  TriggerDecision,
} from "./models";

const at = (id: Id) => ({ path: { id } });
const creating = (id: Id, key: string) => ({ ...at(id), header: once(key) });

/** When the project retrains by itself, and what that may cost. */
export const trainingPolicy = (project: Id) =>
  body(api.GET("/api/projects/{id}/training-policy/", { params: at(project) })) as Promise<TrainingPolicy>;

export const changeTrainingPolicy = (project: Id, change: PolicyChange) =>
  body(
    api.PATCH("/api/projects/{id}/training-policy/", { params: at(project), body: change }),
  ) as Promise<TrainingPolicy>;

/** Whether to retrain, and why (not), the latest first. */
export const listDecisions = (project: Id) =>
  body(api.GET("/api/projects/{id}/trigger-decisions/", { params: at(project) })) as Promise<
    Page<TriggerDecision>
  >;

export const retrainNow = (project: Id, key: string) =>
  body(
    api.POST("/api/projects/{id}/trigger-decisions/", { params: creating(project, key) }),
  ) as Promise<TriggerDecision>;

export const evaluationSet = (project: Id) =>
  body(api.GET("/api/projects/{id}/evaluation-set/", { params: at(project) })) as Promise<EvaluationSet>;

/** How a checkpoint was judged, the latest first. */
export const listEvaluations = (checkpoint: Id) =>
  body(api.GET("/api/checkpoints/{id}/evaluations/", { params: at(checkpoint) })) as Promise<
    Page<GateEvaluation>
  >;

export const evaluateAgain = (checkpoint: Id, key: string) =>
  body(api.POST("/api/checkpoints/{id}/evaluations/", { params: creating(checkpoint, key) })) as Promise<{
    run: Run;
  }>;

export const exportCheckpoint = (checkpoint: Id) =>
  body(api.GET("/api/checkpoints/{id}/export/", { params: at(checkpoint) })) as Promise<ExportedCheckpoint>;

export const listPromotions = (project: Id) =>
  body(api.GET("/api/projects/{id}/promotions/", { params: at(project) })) as Promise<Page<Promotion>>;

/** Undo the champion's promotion. */
export const rollBack = (project: Id, reason: string) =>
  body(
    api.POST("/api/projects/{id}/rollback/", { params: at(project), body: { reason } }),
  ) as Promise<Checkpoint>;

export const listCanaries = (project: Id) =>
  body(api.GET("/api/projects/{id}/canaries/", { params: at(project) })) as Promise<Page<Canary>>;

export const startCanary = (checkpoint: Id, share: number, key: string) =>
  body(
    api.POST("/api/checkpoints/{id}/canary/", { params: creating(checkpoint, key), body: { share } }),
  ) as Promise<Canary>;

export const stopCanary = (canary: Id) =>
  body(api.POST("/api/canaries/{id}/stop/", { params: at(canary) })) as Promise<Canary>;
