import { expect, test } from "vitest";

import type { Candidate } from "@/api/models";

import { whyItFell } from "./whyItFell";

const candidate = (changes: Partial<Candidate>): Candidate => ({
  id: 1,
  run: 1,
  video: 1,
  object_id: 1,
  label: "",
  status: "filtered",
  revision: 1,
  source: "grid",
  first_frame: 0,
  scores: {},
  score: 0.31,
  fate: "passed",
  duplicate_of: null,
  areas: [],
  preview_url: null,
  created_at: "2026-01-01T00:00:00Z",
  ...changes,
});

test("what fell says why, and what was measured", () => {
  expect(whyItFell(candidate({ fate: "flicker", scores: { flicker: 0.417 } }))).toBe(
    "It comes and goes, or jumps. It does so on 42 % of its steps.",
  );
  expect(whyItFell(candidate({ fate: "short", scores: { life: 1 } }))).toBe(
    "It is there on too few frames. It is seen on 1 frame.",
  );
  expect(whyItFell(candidate({ fate: "below" }))).toBe(
    "Its score is below the project’s threshold. Its score is 0.31.",
  );
});

test("a person's decision is a reason without a measurement", () => {
  expect(whyItFell(candidate({ fate: "dismissed" }))).toBe("An owner took it from the reviewers.");
});

test("what stands has no reason to have fallen", () => {
  expect(whyItFell(candidate({ status: "accepted" }))).toBeUndefined();
});
