import type {
  Canary,
  Checkpoint,
  GateEvaluation,
  Promotion,
  TrainingPolicy,
  TriggerDecision,
} from "@/api/models";

/** A checkpoint for tests. */
export const checkpoint = (
  id: number,
  parent: number | null = null,
  more: Partial<Checkpoint> = {},
): Checkpoint => ({
  id,
  project: 1,
  name: `checkpoint ${id}`,
  location: "",
  status: "evaluated",
  active: false,
  built_in: false,
  parent,
  run: parent === null ? null : id * 10,
  release: null,
  release_name: "",
  base: null,
  settings: null,
  evaluation: null,
  kept_out: "",
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});

const slice = {
  jf_mask: 0.6,
  jf_1_click: 0.5,
  jf_3_clicks: 0.6,
  clicks: 4,
  seconds: 20,
  seconds_per_frame: 1.2,
  reached: 0.5,
  present_recall: 0.9,
  absent_recall: 0.8,
  absent_frames: 20,
  objects: 5,
  frames: 80,
};

/** An evaluation that keeps checkpoint 2 out. */
export const told: GateEvaluation = {
  id: 3,
  checkpoint: 2,
  champion: 1,
  champion_name: "default",
  set: 1,
  set_sha256: "0",
  number: 2,
  gain: 0.04,
  gain_low: -0.01,
  gain_high: 0.09,
  passed: false,
  why_not: "It loses too much on absence: 0.500 after 0.900, 0.05 may be lost.",
  videos: [{ source: "a", before: 0.5, after: 0.54 }],
  guards: { absence: { before: 0.9, after: 0.5, allowed: 0.05, count: 20 } },
  examples: [{ masklet: 31, video: 7, before: 0.2, after: 0.8 }],
  figures: { champion: { all: slice }, candidate: { all: { ...slice, jf_1_click: 0.54 } } },
  created_at: "2026-01-01T00:00:00Z",
};

const promotion = (number: number, more: Partial<Promotion>): Promotion => ({
  id: number,
  number,
  kind: "first",
  checkpoint: 1,
  checkpoint_name: "default",
  former: null,
  former_name: "",
  evaluation: null,
  gain: null,
  by: "",
  reason: "",
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});

/** The line of champions: default, then first 8. */
export const line: Promotion[] = [
  promotion(2, {
    kind: "gate",
    checkpoint: 2,
    checkpoint_name: "first 8",
    former: 1,
    former_name: "default",
    gain: 0.1,
    by: "olga",
  }),
  promotion(1, {}),
];

export const canary: Canary = {
  id: 5,
  challenger: 2,
  challenger_name: "first 8",
  champion: 1,
  champion_name: "default",
  share: 0.2,
  enough: 60,
  outcome: "",
  reason: "",
  differences: [
    { name: "refused", estimate: 0.1, low: -0.1, high: 0.3, seen: 12 },
    { name: "seconds_per_frame", estimate: 0, low: -4, high: 4, seen: 12 },
  ],
  started_at: "2026-01-01T00:00:00Z",
  ended_at: null,
};

export const policy: TrainingPolicy = {
  enabled: false,
  every_accepted: 200,
  every_hours: null,
  effort_worsens: null,
  verdicts_worsen: null,
  hours_allowed: 24,
  hours_used: 1.5,
  steps: 250,
  rendered_share: 0.3,
  promotes: false,
  canary_share: 0.2,
};

export const decision: TriggerDecision = {
  id: 9,
  decision: "not_yet",
  because: "nothing",
  reason: "No trigger fires yet.",
  facts: null,
  release: null,
  run: null,
  by: "",
  created_at: "2026-01-01T00:00:00Z",
};
