import { api, body, once } from "./client";
import type {
  BulkAnswer,
  Candidate,
  CandidatePolicy,
  CandidatePolicyChange,
  CandidateSource,
  GenerationEstimate,
  Fate,
  Id,
  MaskletStatus,
  Page,
  Run,
  VideoGeneration,
  WeakPlaces,
  WeakReason,
} from "./models";
import type { NewVerdict } from "./reviews";

export interface CandidateQuery {
  video: Id;
  /** Any of these. */
  status?: MaskletStatus[] | undefined;
  fate?: Fate[] | undefined;
}

export interface GenerationWish {
  /** Left out: all videos that nobody has looked through yet. */
  videos?: Id[];
  sources?: Exclude<CandidateSource, "upload">[];
  most?: number;
}

const at = (id: Id) => ({ path: { id } });
/** Cards are small; one page holds most videos. */
const PAGE = 200;

export const listCandidates = (query: CandidateQuery) =>
  body(api.GET("/api/candidates/", { params: { query: { ...query, page_size: PAGE } } })) as Promise<
    Page<Candidate>
  >;

export const getEstimate = (project: Id) =>
  body(api.GET("/api/projects/{id}/generation/", { params: at(project) })) as Promise<GenerationEstimate>;

export const getVideoGeneration = (video: Id) =>
  body(api.GET("/api/videos/{id}/generation/", { params: at(video) })) as Promise<VideoGeneration>;

/** Lets SAM 2 look for the objects of some videos. */
export const generate = (project: Id, wish: GenerationWish, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/generation/", {
      params: { ...at(project), header: once(idempotencyKey) },
      // What is left out is the server's to choose; the generated type asks for all of it.
      body: wish as Required<GenerationWish>,
    }),
  ) as Promise<{ runs: Run[]; left: number }>;

export const getCandidatePolicy = (project: Id) =>
  body(api.GET("/api/projects/{id}/candidate-policy/", { params: at(project) })) as Promise<CandidatePolicy>;

export const changeCandidatePolicy = (project: Id, change: CandidatePolicyChange) =>
  body(
    api.PATCH("/api/projects/{id}/candidate-policy/", { params: at(project), body: change }),
  ) as Promise<CandidatePolicy>;

/** The same verdict on each; one that is refused keeps none of the others from theirs. */
export const giveVerdicts = (
  project: Id,
  masklets: Id[],
  { verdict, comment = "", reasons = [] }: NewVerdict,
  idempotencyKey: string,
) =>
  body(
    api.POST("/api/projects/{id}/candidates/verdicts/", {
      params: { ...at(project), header: once(idempotencyKey) },
      body: { masklets, verdict, comment, reasons },
    }),
  ) as Promise<{ answers: BulkAnswer[] }>;

/** Sends candidates that fell to the reviewers after all; all or none. */
export const bringBack = (project: Id, masklets: Id[], idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/candidates/bring-back/", {
      params: { ...at(project), header: once(idempotencyKey) },
      body: { masklets },
    }),
  ) as Promise<Candidate[]>;

/** Takes candidates from the reviewers; all or none. */
export const dismiss = (project: Id, masklets: Id[], idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/candidates/dismiss/", {
      params: { ...at(project), header: once(idempotencyKey) },
      body: { masklets },
    }),
  ) as Promise<Candidate[]>;

/** Where SAM 2 is weak in the project, the worst first. */
export const getWeakPlaces = (project: Id, reason?: WeakReason) =>
  body(
    api.GET("/api/projects/{id}/failures/", { params: { ...at(project), query: { reason } } }),
  ) as Promise<WeakPlaces>;
