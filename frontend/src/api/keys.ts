import type { Id } from "./models";

/** Names of what is fetched, so that a change anywhere can refresh it everywhere. */
export const keys = {
  otherSessions: ["other-sessions"] as const,
  projects: ["projects"] as const,
  project: (id: Id) => ["projects", id] as const,
  usage: (project: Id) => ["projects", project, "usage"] as const,
  invitations: ["invitations"] as const,
  pending: (project: Id) => ["projects", project, "invitations"] as const,
  members: (project: Id) => ["projects", project, "members"] as const,
  videos: ["videos"] as const,
  video: (id: Id) => ["videos", id] as const,
  masklets: ["masklets"] as const,
  masklet: (id: Id) => ["masklets", id] as const,
  runs: ["runs"] as const,
  releases: ["releases"] as const,
  checkpoints: ["checkpoints"] as const,
  phases: ["phases"] as const,
  effort: (project: Id) => ["effort", project] as const,
  damages: (project: Id) => ["damages", project] as const,
  queue: (project: Id) => ["queue", project] as const,
  audit: (project: Id) => ["audit", project] as const,
  candidates: ["candidates"] as const,
  generation: (project: Id) => ["candidates", "generation", project] as const,
  candidatePolicy: (project: Id) => ["candidates", "policy", project] as const,
  weakPlaces: (project: Id) => ["candidates", "weak", project] as const,
  experiments: ["experiments"] as const,
};
