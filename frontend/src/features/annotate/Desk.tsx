import { useMutation, useQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useMemo, useState, useSyncExternalStore } from "react";
import { useNavigate } from "react-router";

import { claimMasklet } from "@/api/assignments";
import { isApiError } from "@/api/client";
import { keys } from "@/api/keys";
import type { NewPrompt } from "@/api/models";
import { getProject } from "@/api/projects";
import { Stage, type StageHandle } from "@/canvas/Stage";
import { remember } from "@/lib/holding";
import { useStore } from "@/lib/signal";
import { useTitle } from "@/lib/useTitle";
import type { Shapes } from "@/masks/shapes";
import type { Footage } from "@/player/footage";
import { laneOf } from "@/player/lane";
import { PlayBar } from "@/player/PlayBar";
import { Timeline } from "@/player/Timeline";
import { useFrameInAddress } from "@/player/useFrameInAddress";
import { PageBar, Tooltip, useActions } from "@/ui";

import { ActionButton, type Control } from "./ActionControls";
import { ACTIONS } from "./actions";
import { handBack, passesOn, submit } from "./actions/finish";
import { nextFrameToDo } from "./actions/move";
import { newObject } from "./actions/objects";
import { propagateBackward, propagateBoth, propagateForward, stop } from "./actions/propagate";
import { bind, isSelection, locked, type Desk as DeskState, type Commands, type Spec } from "./actions/spec";
import { showOthers } from "./actions/tools";
import styles from "./Desk.module.css";
import { DiscardDialog } from "./DiscardDialog";
import { FramesToDo } from "./FramesToDo";
import { hintOf } from "./hint";
import { TargetNote } from "./TargetNote";
import { LeaseLost, ToRefine, TroubleNote } from "./Notes";
import { ObjectList } from "./ObjectList";
import { TodaysPace } from "./TodaysPace";
import { absence, isCorrected, isMarkedAbsent, refusalOf, refusalToPaint, underTheBrush } from "./prompting";
import { PropagationBar } from "./Propagation";
import { SaveStatus } from "./SaveStatus";
import { savedState } from "./savedState";
import { marksOn, masksOn, ownLook, rowsOf, shownFrames } from "./scene";
import { Toolbar } from "./Toolbar";
import { useBrush } from "./useBrush";
import { useCheckpoint } from "./useCheckpoint";
import { useEffort } from "./useEffort";
import { useOthers } from "./useOthers";
import { useProtocol } from "./useProtocol";
import { useTarget } from "./useTarget";
import type { Workbench } from "./workbench";

export interface DeskProps {
  bench: Workbench;
  footage: Footage;
  shapes: Shapes;
  onNewObject: () => void;
  onLeave: (what: "submitted" | "discarded" | "handed back" | "passed on") => void;
}

/** The annotate page: the picture, and around it what one does with it. */
export function Desk({ bench, footage, shapes, onNewObject, onLeave }: DeskProps) {
  const navigate = useNavigate();
  const [stage, setStage] = useState<StageHandle | null>(null);
  const [hidden, setHidden] = useState(false);
  const [others, setOthers] = useState(true);
  // Why the last prompt was not taken, and where.
  const [refused, setRefused] = useState<{ why: string; frame: number } | null>(null);
  const [discarding, setDiscarding] = useState(false);
  const work = useStore(bench.store);
  const { unsent } = useStore(bench.outbox.store);
  const { player, timeline, video } = footage;
  const playing = useSyncExternalStore(player.subscribe, player.read);
  const { masklet, frames, drawn, prompts, size, lookHere, fresh } = work;
  const { tool, setTool, diameter, grow, eraser } = useBrush(footage.height);
  const protocol = useProtocol(masklet.phase);
  const target = useTarget(masklet);
  const { masklets, accepted } = useOthers(masklet);
  const { data: project } = useQuery({
    queryKey: keys.project(masklet.project),
    queryFn: () => getProject(masklet.project),
  });
  const checkpoint = useCheckpoint(masklet.project);
  useTitle(`Object ${masklet.object_id} · ${video.name}`);
  useFrameInAddress(player);

  const prompted = useMemo(() => [...new Set(prompts.map(({ frame_idx }) => frame_idx))], [prompts]);
  const shown = useMemo(() => shownFrames({ frames, drawn }), [frames, drawn]);
  const every = protocol?.every_frame === true;
  const lane = useMemo(
    () =>
      laneOf(shown, timeline.count, size, lookHere, new Set([...prompted, ...drawn.keys(), ...fresh]), every),
    [shown, drawn, timeline, size, lookHere, prompted, fresh, every],
  );
  const toDo = useMemo(() => {
    const all = Array.from({ length: every ? timeline.count : 0 }, (_, j) => j);
    return all.filter((j) => !shown.has(j));
  }, [shown, timeline, every]);
  const meter = useEffort(work.assignment, {
    frame: playing.frame,
    tool,
    playing: playing.playing,
    busy:
      work.propagation !== null || work.predicting.size > 0 || unsent.some(({ state }) => state === "saving"),
    held: !work.leaseLost,
  });

  const claim = useMutation({
    mutationFn: (takeover: boolean) => claimMasklet(masklet.id, takeover),
    onSuccess: async ({ masklet: mine, assignment }) => {
      remember("assignment", assignment);
      await bench.resume(mine, assignment);
    },
  });

  const desk: DeskState = {
    work,
    unsent,
    player: playing,
    count: timeline.count,
    lane,
    shown,
    protocol,
    toDo,
    tool,
    brush: diameter,
    hidden,
    others,
  };
  const open = (index: number) => {
    const other = masklets[index];
    if (other && other.id !== masklet.id) void navigate(`/annotate/${other.id}?frame=${playing.frame + 1}`);
  };
  const taken = (why: string | null) => {
    setRefused(why === null ? null : { why, frame: playing.frame });
    return why === null;
  };
  const prompt = (given: NewPrompt) => {
    if (!taken(refusalOf(given, desk))) return;
    if (player.read().playing) player.pause();
    bench.prompt(given);
    meter.current?.asked();
  };
  const end = (what: "submitted" | "handed back" | "passed on", done: () => Promise<boolean>) => {
    meter.current?.tell();
    void done().then((ended) => ended && onLeave(what));
  };
  const editable = locked(desk) === null;
  const commands: Commands = {
    goTo: (frame) => player.goTo(frame),
    step: (by) => player.step(by),
    togglePlay: () => player.toggle(),
    setTool,
    eraser,
    growBrush: grow,
    markAbsent: () => prompt(absence(desk)),
    setHidden,
    setOthers,
    zoomBy: (factor) => stage?.zoomBy(factor),
    fit: () => stage?.fit(),
    propagate: (direction, whole) => {
      void bench.propagate(direction, playing.frame, whole);
      meter.current?.asked();
    },
    stop: () => void bench.stop(),
    undo: () => void bench.undo(),
    redo: () => void bench.redo(),
    submit: () => end("submitted", () => bench.submit()),
    handBack: () => end(passesOn(desk) ? "passed on" : "handed back", () => bench.handBack()),
    askDiscard: () => setDiscarding(true),
    newObject: onNewObject,
    openObject: (number) => open(masklets.findIndex(({ object_id }) => object_id === number)),
    nextObject: () => open((masklets.findIndex(({ id }) => id === masklet.id) + 1) % masklets.length),
  };
  const control = (spec: Spec): Control => ({ spec, action: bind(spec, desk, commands) });
  useActions(ACTIONS.map((spec) => bind(spec, desk, commands)));

  const shownOthers = others ? accepted : [];
  const frame = playing.frame;
  // One primary button in view: what the annotator most likely does next.
  const next = nextOf(desk, prompted.length);
  const beneath = underTheBrush(desk);
  const refine = masklet.last_verdict?.verdict === "unsatisfactory" ? masklet.last_verdict : null;

  return (
    <div className={styles.desk}>
      <PageBar
        aside={<TodaysPace project={masklet.project} />}
        trail={[
          { label: project?.name ?? "Project", to: `/projects/${masklet.project}` },
          { label: video.name, to: `/videos/${video.id}` },
          { label: `object ${masklet.object_id}${masklets.length > 1 ? ` of ${masklets.length}` : ""}` },
        ]}
      >
        <span>
          phase {masklet.phase}
          {protocol && (
            <Tooltip text={protocol.summary}>
              <span>: {protocol.name}</span>
            </Tooltip>
          )}
        </span>
        {checkpoint && <span>{checkpoint.name}</span>}
        <SaveStatus state={savedState(work, unsent)} />
      </PageBar>

      <Toolbar control={control} tool={tool} hidden={hidden} />

      <Stage
        footage={footage}
        shapes={shapes}
        masks={hidden ? [] : masksOn(frame, desk, shownOthers, target)}
        marks={hidden ? [] : marksOn(frame, prompts, unsent)}
        tool={tool}
        handle={setStage}
        label={`Frame ${frame + 1} of ${timeline.count}`}
        onClick={
          editable
            ? ([x, y], positive) => prompt({ frame_idx: frame, kind: "click", x, y, positive })
            : undefined
        }
        onBox={
          editable
            ? (box) => {
                prompt({ frame_idx: frame, kind: "box", box });
                setTool("point");
              }
            : undefined
        }
        brush={
          editable && !hidden
            ? {
                diameter,
                mask: beneath && { size, counts: beneath.counts },
                look: ownLook(desk),
                onBegin: (erases) => {
                  const may = taken(refusalToPaint(desk, erases));
                  if (may && player.read().playing) player.pause();
                  return may;
                },
                onStroke: (rle, on, erases) => {
                  meter.current?.stroke(on, erases ? "eraser" : "brush");
                  prompt({ frame_idx: on, kind: "mask", rle });
                },
              }
            : undefined
        }
      >
        {work.leaseLost && (
          <LeaseLost
            revision={masklet.revision}
            unsent={unsent.length}
            refusal={
              claim.error && !isApiError(claim.error, "open_in_another_tab") ? claim.error.message : null
            }
            elsewhere={isApiError(claim.error, "open_in_another_tab")}
            busy={claim.isPending}
            onClaim={(takeover) => claim.mutate(takeover)}
          />
        )}
        {work.trouble && <TroubleNote trouble={work.trouble} onDismiss={() => bench.dismiss()} />}
        {refused?.frame === frame && (
          <p className={styles.aside} role="status">
            {refused.why}
          </p>
        )}
        {isMarkedAbsent(desk) && <p className={styles.aside}>The object is marked absent on this frame.</p>}
        {hidden && <p className={styles.aside}>Masks are hidden. Press H to show them.</p>}
      </Stage>

      <aside className={styles.side} aria-label="Objects and notes">
        {refine && <ToRefine verdict={refine} />}
        {target && <TargetNote target={target} frame={frame} onGo={() => player.goTo(target.frame_idx)} />}
        <ObjectList
          masklets={masklets}
          current={masklet}
          others={others}
          newObject={control(newObject)}
          showOthers={control(showOthers)}
        />
      </aside>

      <div className={styles.time}>
        <PlayBar footage={footage}>
          {every ? (
            <FramesToDo
              left={toDo.length}
              count={timeline.count}
              next={control(nextFrameToDo)}
              primary={next === "another frame"}
            />
          ) : (
            <PropagationBar
              work={work}
              backward={control(propagateBackward)}
              both={control(propagateBoth)}
              forward={control(propagateForward)}
              stop={control(stop)}
              next={next === "propagate"}
            />
          )}
        </PlayBar>
        <Timeline footage={footage} rows={rowsOf(desk, shownOthers)} />
      </div>

      <footer className={styles.foot}>
        <p className={styles.hint} aria-live="polite">
          {hintOf(desk)}
        </p>
        <ActionButton
          control={control(handBack)}
          small
          variant={next === "pass on" ? "primary" : "quiet"}
          {...(passesOn(desk) && { icon: Send })}
          withKey
          busy={work.busy === "Handing back" && "Handing back"}
        />
        <ActionButton
          control={control(submit)}
          small
          variant={next === "submit" ? "primary" : "secondary"}
          withKey
          busy={work.busy === "Submitting" && "Submitting"}
        >
          Submit
        </ActionButton>
      </footer>

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

/** What the annotator most likely does next. */
function nextOf(
  desk: DeskState,
  prompted: number,
): "propagate" | "another frame" | "pass on" | "submit" | null {
  const { work, toDo, protocol, shown, player, count } = desk;
  if (work.leaseLost) return null;
  if (isSelection(desk)) return passesOn(desk) ? "pass on" : null;
  if (protocol?.every_frame)
    return toDo.length === 0 ? "submit" : shown.has(player.frame) ? "another frame" : null;
  if (isCorrected(desk)) return "propagate";
  return shown.size < count && shown.size <= prompted ? "propagate" : "submit";
}
