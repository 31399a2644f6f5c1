import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useNavigate } from "react-router";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import { createMasklet } from "@/api/masklets";
import type { Project, Video } from "@/api/models";
import { remember } from "@/lib/holding";
import { Button, useActions } from "@/ui";

export interface NewObject {
  add: () => void;
  making: boolean;
  error: Error | null;
  /** Why this person cannot. */
  refusal: string | undefined;
}

/** Adds an object to `video` and goes on to annotate it; the key is bound where there is a video. */
export function useNewObject(project: Project, video: Video | undefined): NewObject {
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: ({ of, key }: { of: Video; key: string }) => createMasklet(of.id, "", key),
    onSuccess: async ({ masklet, assignment }) => {
      remember("assignment", assignment);
      void client.invalidateQueries({ queryKey: keys.masklets });
      await navigate(`/annotate/${masklet.id}`);
    },
  });
  const cannotAdd = project.roles.includes("annotator")
    ? undefined
    : "Only annotators of this project can add objects. Ask an owner for the role.";
  const add = () => {
    if (video && !create.isPending) create.mutate({ of: video, key: newIdempotencyKey() });
  };
  useActions(
    video
      ? [
          {
            name: "new-object",
            label: "New object",
            keys: ["N"],
            group: "Video",
            disabled: cannotAdd,
            perform: add,
          },
        ]
      : [],
  );
  return { add, making: create.isPending, error: create.error, refusal: cannotAdd };
}

export function NewObjectButton({ add, making, refusal }: NewObject) {
  return (
    <Button
      variant="primary"
      icon={Plus}
      shortcut="N"
      onClick={add}
      busy={making && "Making the object"}
      disabledReason={refusal}
    >
      New object
    </Button>
  );
}
