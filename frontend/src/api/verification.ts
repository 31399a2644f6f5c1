import { api, body, once } from "./client";
import type {
  Agreement,
  GoldItem,
  Id,
  Masklet,
  MaskletHistory,
  ReviewerRecord,
  ReviewPolicy,
  ReviewPolicyChange,
  Round,
  VerdictReason,
  VerdictValue,
  Verification,
} from "./models";

const at = (id: Id) => ({ path: { id } });

export const getReviewPolicy = (project: Id) =>
  body(api.GET("/api/projects/{id}/review-policy/", { params: at(project) })) as Promise<ReviewPolicy>;

export const changeReviewPolicy = (project: Id, change: ReviewPolicyChange) =>
  body(
    api.PATCH("/api/projects/{id}/review-policy/", { params: at(project), body: change }),
  ) as Promise<ReviewPolicy>;

export const getVerification = (project: Id) =>
  body(api.GET("/api/projects/{id}/verification/", { params: at(project) })) as Promise<Verification>;

export const verificationCsvAddress = (project: Id, by: keyof Verification["rates"]) =>
  `/api/projects/${project}/verification/csv/?by=${by}`;

export const getAgreement = (project: Id) =>
  body(api.GET("/api/projects/{id}/agreement/", { params: at(project) })) as Promise<Agreement>;

export const listReviewers = async (project: Id): Promise<ReviewerRecord[]> => {
  const answer = await body(api.GET("/api/projects/{id}/reviewers/", { params: at(project) }));
  return answer.reviewers;
};

/** A paused reviewer may go on. */
export const letIn = (project: Id, username: string): Promise<void> =>
  body(api.POST("/api/projects/{id}/reviewers/let-in/", { params: at(project), body: { username } }));

/** What waits for an owner's decision, the longest first. */
export const listEscalated = async (project: Id): Promise<Masklet[]> => {
  const answer = await body(api.GET("/api/projects/{id}/escalated/", { params: at(project) }));
  return answer.masklets as Masklet[];
};

export const getHistory = (masklet: Id) =>
  body(api.GET("/api/masklets/{id}/history/", { params: at(masklet) })) as Promise<MaskletHistory>;

/** What was said about it in rounds that have ended, newest first. */
export const listVerdicts = async (masklet: Id): Promise<Round[]> => {
  const answer = await body(api.GET("/api/masklets/{id}/verdicts/", { params: at(masklet) }));
  return answer.rounds;
};

export interface Decision {
  verdict: VerdictValue;
  comment: string;
  reasons: VerdictReason[];
}

/** An owner's verdict: it counts alone. */
export const decide = (masklet: Id, decision: Decision, key: string) =>
  body(
    api.POST("/api/masklets/{id}/decide/", {
      params: { ...at(masklet), header: once(key) },
      body: { ...decision, pins: [] },
    }),
  ) as Promise<Masklet>;

/** A rejected masklet goes back to the annotators. */
export const bringBack = (masklet: Id, reason: string) =>
  body(
    api.POST("/api/masklets/{id}/bring-back/", { params: at(masklet), body: { reason } }),
  ) as Promise<Masklet>;

/** Known answers from an accepted masklet: one that is right, one made wrong. */
export const makeGold = async (masklet: Id, key: string): Promise<GoldItem[]> => {
  const answer = await body(
    api.POST("/api/masklets/{id}/gold/", {
      params: { ...at(masklet), header: once(key) },
      body: { severity: 0.5 },
    }),
  );
  return answer.items;
};
