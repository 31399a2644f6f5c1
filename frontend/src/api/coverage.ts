import { api, body, once } from "./client";
import type { Coverage, CoverageSummary, Id } from "./models";

const at = (id: Id) => ({ path: { id } });

/** What the question is about, and how it was answered. */
export const getCoverage = (video: Id) =>
  body(api.GET("/api/videos/{id}/coverage/", { params: at(video) })) as Promise<Coverage>;

/** How many videos were asked about, and the next one. */
export const getCoverageSummary = (project: Id) =>
  body(api.GET("/api/projects/{id}/coverage/", { params: at(project) })) as Promise<CoverageSummary>;

export type CoverageAnswerInput =
  { missing: false } | { missing: true; frame_idx: number; x: number; y: number };

export const answerCoverage = (video: Id, answer: CoverageAnswerInput, key: string) =>
  body(
    api.POST("/api/videos/{id}/coverage/", {
      params: { ...at(video), header: once(key) },
      body: { label: "", ...answer },
    }),
  );
