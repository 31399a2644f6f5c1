import type { CandidatePolicy, CurvePoint } from "@/api/models";
import { plural } from "@/lib/format";

/** What a threshold would do: the first point that does not lie below it; the last one above all. */
export const pointAt = (curve: readonly CurvePoint[], threshold: number): CurvePoint | undefined =>
  curve.find((point) => point.threshold >= threshold - 1e-9) ?? curve.at(-1);

/** The same in words. */
export function atThreshold(curve: readonly CurvePoint[], threshold: number): string {
  const point = pointAt(curve, threshold);
  const beyond = point !== undefined && point.threshold < threshold - 1e-9;
  const all = curve[0]?.passes ?? 0;
  if (point === undefined || all === 0) return "There are no candidates yet.";
  const passes = `${beyond ? 0 : point.passes} of ${plural(all, "candidate")} pass.`;
  if (beyond || point.precision === null || point.at_least === null)
    return `${passes} Nobody has judged one of these.`;
  const of = plural(point.judged, "judged one").replace("judged ones", "judged");
  return `${passes} Of ${of}, ${share(point.precision)} were satisfactory: at least ${share(point.at_least)}, one may say.`;
}

/** Where the threshold in force comes from. */
export function origin({
  own_threshold: own,
  fitted,
  missing,
  usual,
  precision,
  verdicts,
}: CandidatePolicy): string {
  if (own !== null) return "An owner set it.";
  if (fitted !== null)
    return `Fitted on ${plural(verdicts, "verdict")}, to hold ${share(precision)} satisfactory.`;
  return `The usual ${usual.toFixed(2)}, until ${plural(missing, "more verdict")} teach a better one.`;
}

const share = (value: number) => `${Math.round(100 * value)} %`;
