import { useMemo, useState, useSyncExternalStore } from "react";

import type { Protocol } from "@/api/models";
import { useStore } from "@/lib/signal";
import type { Footage } from "@/player/footage";
import { laneOf } from "@/player/lane";

import type { Desk } from "./desk";
import { shownFrames } from "./scene";
import { useBrush } from "./useBrush";
import { useProtocol } from "./useProtocol";
import type { Work, Workbench } from "./workbench";

/** Everything that decides what can be done now, and what changes the part of it that lives in this page. */
export function useDesk(bench: Workbench, { player, timeline, height }: Footage) {
  const work = useStore(bench.store);
  const { unsent } = useStore(bench.outbox.store);
  const playing = useSyncExternalStore(player.subscribe, player.read);
  const { tool, diameter, ...brush } = useBrush(height);
  const [hidden, setHidden] = useState(false);
  const [others, setOthers] = useState(true);
  const protocol = useProtocol(work.masklet.phase);
  const masks = useMasks(work, timeline.count, protocol);
  const desk: Desk = {
    work,
    unsent,
    player: playing,
    count: timeline.count,
    ...masks,
    protocol,
    tool,
    brush: diameter,
    hidden,
    others,
  };
  return { desk, change: { ...brush, setHidden, setOthers } };
}

/** What the brush and the view are changed with. */
export type Change = ReturnType<typeof useDesk>["change"];

/** The masks as they are seen, what the timeline says of them, and the frames that still need a person. */
function useMasks(
  work: Work,
  count: number,
  protocol: Protocol | null,
): Pick<Desk, "shown" | "lane" | "toDo"> {
  const { frames, drawn, prompts, size, suggestedFrames, fresh } = work;
  const every = protocol?.every_frame === true;
  const shown = useMemo(() => shownFrames({ frames, drawn }), [frames, drawn]);
  const lane = useMemo(() => {
    const sure = new Set([...prompts.map(({ frame_idx }) => frame_idx), ...drawn.keys(), ...fresh]);
    return laneOf(shown, count, size, suggestedFrames, sure, every);
  }, [shown, drawn, count, size, suggestedFrames, prompts, fresh, every]);
  const toDo = useMemo(() => {
    const all = Array.from({ length: every ? count : 0 }, (_, j) => j);
    return all.filter((j) => !shown.has(j));
  }, [shown, count, every]);
  return { shown, lane, toDo };
}
