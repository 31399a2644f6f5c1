import { useMutation, useQueryClient } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Id, Project, Video } from "@/api/models";

export interface ChosenProps {
  project: Project;
  videos: readonly Video[];
  onDone: () => void;
}

/** Videos of one request. */
export const MOST_AT_ONCE = 500;

/** Sends what is said of all chosen videos, and is done with them when it is saved. */
export function useChosen<T>(
  { project, videos, onDone }: ChosenProps,
  send: (project: Id, videos: Id[], said: T) => Promise<void>,
) {
  const client = useQueryClient();
  const apply = useMutation({
    mutationFn: (said: T) =>
      send(
        project.id,
        videos.map(({ id }) => id),
        said,
      ),
    onSuccess: async () => {
      // The pages of single videos begin with the same key.
      await client.invalidateQueries({ queryKey: keys.videos });
      onDone();
    },
  });
  const tooMany = videos.length > MOST_AT_ONCE ? `At most ${MOST_AT_ONCE} videos at once` : undefined;
  return { apply, tooMany };
}
