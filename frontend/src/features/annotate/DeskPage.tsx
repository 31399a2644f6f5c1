import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { newIdempotencyKey } from "@/api/client";
import { createMasklet } from "@/api/masklets";
import { useSession } from "@/api/useSession";
import { forget, remember } from "@/lib/holding";
import { useResource } from "@/lib/useResource";
import { Shapes } from "@/masks/shapes";
import { closeFootage, openFootage } from "@/player/footage";
import { frameInAddress } from "@/player/useFrameInAddress";
import { ErrorNote, Working } from "@/ui";

import { Desk } from "./Desk";
import { Done } from "./Done";
import type { Opened } from "./openMasklet";
import type { Ending } from "./useCommands";
import { Workbench } from "./workbench";

/** Holds what the desk works with, from opening to the last word. */
export function DeskPage({ masklet, assignment, video }: Opened) {
  const { streams_origin: streamsOrigin } = useSession();
  const navigate = useNavigate();
  const [ended, setEnded] = useState<Exclude<Ending, "handed back"> | null>(null);

  const shapes = useResource(
    () => new Shapes(),
    (made) => made.close(),
  );
  const footage = useResource(
    () => openFootage(video, { loop: false, frame: frameInAddress() ?? masklet.edited_frames[0] ?? 0 }),
    closeFootage,
  );
  const bench = useResource(
    () => {
      const made = new Workbench({
        masklet,
        assignment,
        size: [video.height ?? 1, video.width ?? 1],
        streamsOrigin,
      });
      void made.open();
      return made;
    },
    (made) => made.close(),
  );

  const create = useMutation({
    mutationFn: (key: string) => createMasklet(video.id, "", key),
    onSuccess: async (claim) => {
      remember("assignment", claim.assignment);
      const frame = footage?.player.read().frame ?? 0;
      await navigate(`/annotate/${claim.masklet.id}?frame=${frame + 1}`);
    },
  });
  const newObject = () => {
    if (!create.isPending) create.mutate(newIdempotencyKey());
  };
  const leave = async (what: Ending) => {
    forget("assignment", masklet.id);
    if (what === "handed back") await navigate(`/videos/${video.id}`);
    else setEnded(what);
  };

  if (!shapes || !footage || !bench) return <Working fill>Opening the masklet</Working>;
  return (
    <>
      {create.error && <ErrorNote title="The object was not made" error={create.error} />}
      {ended ? (
        <Done masklet={masklet} what={ended} onNewObject={newObject} />
      ) : (
        <Desk
          bench={bench}
          footage={footage}
          shapes={shapes}
          onNewObject={newObject}
          onLeave={(what) => void leave(what)}
        />
      )}
    </>
  );
}
