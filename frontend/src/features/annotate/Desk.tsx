import { useState } from "react";

import type { StageHandle } from "@/canvas/Stage";
import { Pins } from "@/desk/Pins";
import { useTitle } from "@/lib/useTitle";
import type { Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";
import { useFrameInAddress } from "@/player/useFrameInAddress";
import { useActions } from "@/ui";

import { controlsOf } from "./actions";
import { DeskBar } from "./DeskBar";
import { DeskFoot } from "./DeskFoot";
import { DeskTime } from "./DeskTime";
import styles from "./Desk.module.css";
import { DiscardDialog } from "./DiscardDialog";
import { nextOf } from "./hint";
import { BuiltInModelNote, ToRefine } from "./Notes";
import { ObjectList } from "./ObjectList";
import { Picture } from "./Picture";
import { TargetNote } from "./TargetNote";
import { Toolbar } from "./Toolbar";
import { useCommands, usePrompting, type Ending } from "./useCommands";
import { useDesk } from "./useDesk";
import { useEffort } from "./useEffort";
import { useOthers } from "./useOthers";
import { usePins } from "./usePins";
import { useTarget } from "./useTarget";
import { WhatItIs } from "./WhatItIs";
import type { Workbench } from "./workbench";

export interface DeskProps {
  bench: Workbench;
  footage: Footage;
  shapes: Shapes;
  onNewObject: () => void;
  onLeave: (what: Ending) => void;
}

/** The annotate page: the picture, and around it what one does with it. */
export function Desk({ bench, footage, shapes, onNewObject, onLeave }: DeskProps) {
  const { player, video } = footage;
  const [stage, setStage] = useState<StageHandle | null>(null);
  const [discarding, setDiscarding] = useState(false);
  const { desk, change } = useDesk(bench, footage);
  const { work, unsent } = desk;
  const { masklet } = work;
  const target = useTarget(masklet);
  const pins = usePins(masklet);
  const { masklets, accepted } = useOthers(masklet);
  useTitle(`Object ${masklet.object_id} · ${video.name}`);
  useFrameInAddress(player);
  const meter = useEffort(work.assignment, {
    frame: desk.player.frame,
    tool: desk.tool,
    playing: desk.player.playing,
    busy:
      work.propagation !== null || work.predicting.size > 0 || unsent.some(({ state }) => state === "saving"),
    held: !work.leaseLost,
  });
  const prompting = usePrompting(bench, footage, desk, meter);
  const commands = useCommands({
    ...{ bench, footage, desk, change, stage, meter, masklets, onNewObject, onLeave },
    prompt: prompting.prompt,
    onAskDiscard: () => setDiscarding(true),
  });
  const controls = controlsOf(desk, commands);
  useActions(Object.values(controls).map(({ action }) => action));

  const others = desk.others ? accepted : [];
  // One primary button in view: what the annotator most likely does next.
  const next = nextOf(desk);
  const refine = masklet.last_verdict?.verdict === "unsatisfactory" ? masklet.last_verdict : null;
  return (
    <div className={styles.desk}>
      <DeskBar desk={desk} video={video} objects={masklets.length} />
      <Toolbar controls={controls} tool={desk.tool} hidden={desk.hidden} />
      <Picture
        {...{ bench, footage, shapes, desk, change, prompting, meter, others, target, pins }}
        onStage={setStage}
      />
      <aside className={styles.side} aria-label="Objects and notes">
        {refine && (
          <ToRefine verdict={refine}>
            <Pins pins={pins} frame={desk.player.frame} onGo={(frame) => player.goTo(frame)} />
          </ToRefine>
        )}
        {target && (
          <TargetNote target={target} frame={desk.player.frame} onGo={() => player.goTo(target.frame_idx)} />
        )}
        <ObjectList masklets={masklets} current={masklet} others={desk.others} controls={controls} />
        <WhatItIs bench={bench} masklet={masklet} count={desk.count} player={player} />
        <BuiltInModelNote project={video.project} />
      </aside>
      <DeskTime
        {...{ footage, desk, controls, others, next }}
        pinned={pins.map(({ frame_idx }) => frame_idx)}
      />
      <DeskFoot desk={desk} controls={controls} next={next} />
      {discarding && (
        <DiscardDialog
          onClose={() => setDiscarding(false)}
          onDiscard={(reason) => {
            setDiscarding(false);
            void bench.discard(reason).then((done) => done && onLeave("discarded"));
          }}
        />
      )}
    </div>
  );
}
