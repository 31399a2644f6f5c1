import { useQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Masklet, Pin } from "@/api/models";
import { listVerdicts } from "@/api/verification";
import type { Mark } from "@/canvas/Marks";

const NONE: readonly Pin[] = [];

/** The frames that reviewers pinned when they sent the masklet back last. */
export function usePins({ id, last_verdict: last }: Masklet): readonly Pin[] {
  const { data } = useQuery({
    queryKey: keys.verdicts(id),
    queryFn: () => listVerdicts(id),
    enabled: last?.verdict === "unsatisfactory",
  });
  const back = data?.find(({ outcome }) => outcome === "unsatisfactory");
  return back?.verdicts.flatMap(({ pins }) => pins) ?? NONE;
}

/** What was drawn on `frame`. */
export const strokesOn = (frame: number, pins: readonly Pin[]): Mark[] =>
  pins
    .filter(({ frame_idx }) => frame_idx === frame)
    .flatMap(({ strokes }, n) =>
      strokes.map((points, stroke): Mark => ({
        key: `pin-${n}-${stroke}`,
        state: "saved",
        kind: "stroke",
        points: points as [number, number][],
      })),
    );
