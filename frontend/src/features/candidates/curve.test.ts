import { expect, test } from "vitest";

import type { CandidatePolicy, CurvePoint } from "@/api/models";

import { atThreshold, origin, pointAt } from "./curve";

const curve: CurvePoint[] = [
  { threshold: 0, judged: 20, precision: 0.5, at_least: 0.33, passes: 40 },
  { threshold: 0.6, judged: 10, precision: 0.9, at_least: 0.65, passes: 12 },
  { threshold: 0.9, judged: 0, precision: null, at_least: null, passes: 2 },
];

test("a threshold between two points does what the next one does", () => {
  expect(pointAt(curve, 0)).toBe(curve[0]);
  expect(pointAt(curve, 0.3)).toBe(curve[1]);
  expect(pointAt(curve, 0.6)).toBe(curve[1]);
  expect(pointAt([], 0.5)).toBeUndefined();
});

test("what a threshold does is told in words", () => {
  expect(atThreshold(curve, 0.5)).toBe(
    "12 of 40 candidates pass. Of 10 judged, 90 % were satisfactory: at least 65 %, one may say.",
  );
  expect(atThreshold(curve, 0.8)).toBe("2 of 40 candidates pass. Nobody has judged one of these.");
  expect(atThreshold(curve, 1)).toBe("0 of 40 candidates pass. Nobody has judged one of these.");
  expect(atThreshold([], 0.5)).toBe("There are no candidates yet.");
});

test("the threshold says where it comes from", () => {
  const policy = { own_threshold: null, fitted: null, missing: 12, usual: 0.4, precision: 0.9, verdicts: 18 };
  expect(origin(policy as CandidatePolicy)).toBe(
    "The usual 0.40, until 12 more verdicts teach a better one.",
  );
  expect(origin({ ...policy, fitted: 0.6, verdicts: 50 } as CandidatePolicy)).toBe(
    "Fitted on 50 verdicts, to hold 90 % satisfactory.",
  );
  expect(origin({ ...policy, own_threshold: 0.5 } as CandidatePolicy)).toBe("An owner set it.");
});
