import { useQueries, useQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import { getMasks, listObjects } from "@/api/masklets";
import type { Id, MaskFrame, Masklet } from "@/api/models";

export interface Other {
  masklet: Masklet;
  size: [number, number];
  frames: ReadonlyMap<number, MaskFrame>;
}

export interface Neighbours {
  /** All masklets of the video, by object number. */
  masklets: readonly Masklet[];
  /**
   * The accepted ones but `current`, with their masks as far as they have come; none in an experiment, whose
   * object may be among them.
   */
  accepted: readonly Other[];
}

const REFRESH_MS = 20_000;

/** The other objects of the video. */
export function useOthers(current: Masklet): Neighbours {
  const { data } = useQuery({
    queryKey: [...keys.masklets, { video: current.video, desk: true }],
    queryFn: () => listObjects(current.video),
    refetchInterval: REFRESH_MS,
  });
  const listed = data ?? [];
  const masklets = (listed.some(({ id }) => id === current.id) ? listed : [...listed, current])
    .map((masklet) => (masklet.id === current.id ? current : masklet))
    .sort((a, b) => a.object_id - b.object_id);
  const wanted = masklets.filter(
    ({ id, status }) => !current.trial && id !== current.id && status === "accepted",
  );
  const accepted = useQueries({
    queries: wanted.map(({ id, revision }) => ({
      queryKey: masksKey(id, revision),
      queryFn: () => getMasks(id),
      staleTime: Infinity,
    })),
    combine: (answers) =>
      answers.flatMap(({ data: masks }, i): Other[] => {
        const masklet = wanted[i];
        if (!masks || !masklet) return [];
        return [
          {
            masklet,
            size: masks.size,
            frames: new Map(Object.entries(masks.frames).map(([j, frame]) => [Number(j), frame])),
          },
        ];
      }),
  });
  return { masklets, accepted };
}

const masksKey = (id: Id, revision: number) => [...keys.masklet(id), "masks", revision];
