import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { keys } from "@/api/keys";
import { describeMasklet, getVocabulary } from "@/api/labels";
import type { Description, Id, Masklet, Vocabulary } from "@/api/models";

/** What a project calls its objects, and what it says of them. */
export function useVocabulary(project: Id) {
  return useQuery({
    queryKey: keys.labels(project),
    queryFn: () => getVocabulary(project),
    staleTime: 60_000,
  });
}

export interface Described {
  /** Undefined until it has come. */
  vocabulary: Vocabulary | undefined;
  /** What is said of the masklet, with what is on its way. */
  said: Required<Description>;
  say: (change: Description) => void;
  error: Error | null;
}

/** What is said of a masklet, and how one says it; `onSaid` gets the masklet as the server has it then. */
export function useDescription(masklet: Masklet, onSaid: (masklet: Masklet) => void): Described {
  const client = useQueryClient();
  const { data: vocabulary, error: unknown } = useVocabulary(masklet.project);
  // What is on its way is seen at once.
  const [told, setTold] = useState<Description>({});
  const mutationKey = ["describe", masklet.id];
  const save = useMutation({
    mutationKey,
    // One after the other: each takes the place of the one before as a whole.
    scope: { id: mutationKey.join("-") },
    mutationFn: (change: Description) => describeMasklet(masklet.id, change),
    onSuccess: (saved) => {
      onSaid(saved);
      void client.invalidateQueries({ queryKey: keys.masklets });
    },
    onSettled: () => {
      if (client.isMutating({ mutationKey }) === 1) setTold({});
    },
  });
  const { label, attributes, frame_attributes } = masklet;
  return {
    vocabulary,
    said: { label, attributes, frame_attributes, ...told },
    say: (change) => {
      setTold((before) => ({ ...before, ...change }));
      save.mutate(change);
    },
    error: save.error ?? unknown,
  };
}
