import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState, useSyncExternalStore } from "react";
import { useNavigate } from "react-router";

import { claimMasklet } from "@/api/assignments";
import { isApiError } from "@/api/client";
import { keys } from "@/api/keys";
import type { NewPrompt } from "@/api/models";
import { getProject } from "@/api/projects";
import type { Tool } from "@/canvas/gesture";
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
import { PageBar, useActions } from "@/ui";

import { ActionButton, type Control } from "./ActionControls";
import { ACTIONS } from "./actions";
import { handBack, submit } from "./actions/finish";
import { newObject } from "./actions/objects";
import { propagateBackward, propagateBoth, propagateForward, stop } from "./actions/propagate";
import { bind, locked, type Desk as DeskState, type Hands, type Spec } from "./actions/spec";
import { showOthers } from "./actions/tools";
import styles from "./Desk.module.css";
import { DiscardDialog } from "./DiscardDialog";
import { hintOf } from "./hint";
import { marksOn, masksOn, rowsOf } from "./scene";
import { LeaseLost, ToRefine, TroubleNote } from "./Notes";
import { ObjectList } from "./ObjectList";
import { PropagationBar } from "./Propagation";
import { Saved } from "./Saved";
import { savedState } from "./savedState";
import { Toolbar } from "./Toolbar";
import { useCheckpoint } from "./useCheckpoint";
import { useOthers } from "./useOthers";
import type { Workbench } from "./workbench";

export interface DeskProps {
  bench: Workbench;
  footage: Footage;
  shapes: Shapes;
  onNewObject: () => void;
  onLeave: (what: "submitted" | "discarded" | "handed back") => void;
}

/** The annotate page: the picture, and around it what one does with it. */
export function Desk({ bench, footage, shapes, onNewObject, onLeave }: DeskProps) {
  const navigate = useNavigate();
  const [stage, setStage] = useState<StageHandle | null>(null);
  const [tool, setTool] = useState<Tool>("point");
  const [hidden, setHidden] = useState(false);
  const [others, setOthers] = useState(true);
  // Somebody removes before anything was added.
  const [eager, setEager] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  const work = useStore(bench.store);
  const { unsent } = useStore(bench.outbox.store);
  const { player, timeline, video } = footage;
  const playing = useSyncExternalStore(player.subscribe, player.read);
  const { masklet, frames, prompts, size, lookHere, fresh } = work;
  const { masklets, accepted } = useOthers(masklet);
  const { data: project } = useQuery({ queryKey: keys.project(masklet.project), queryFn: () => getProject(masklet.project) });
  const checkpoint = useCheckpoint(masklet.project);
  useTitle(`Object ${masklet.object_id} · ${video.name}`);
  useFrameInAddress(player);

  const prompted = useMemo(() => [...new Set(prompts.map(({ frame_idx }) => frame_idx))], [prompts]);
  const lane = useMemo(
    () => laneOf(frames, timeline.count, size, lookHere, new Set([...prompted, ...fresh])),
    [frames, timeline, size, lookHere, prompted, fresh],
  );

  const claim = useMutation({
    mutationFn: (takeover: boolean) => claimMasklet(masklet.id, takeover),
    onSuccess: async ({ masklet: mine, assignment }) => {
      remember("assignment", assignment);
      await bench.resume(mine, assignment);
    },
  });

  const desk: DeskState = { work, unsent, player: playing, count: timeline.count, lane, tool, hidden, others };
  const open = (index: number) => {
    const other = masklets[index];
    if (other && other.id !== masklet.id) void navigate(`/annotate/${other.id}?frame=${playing.frame + 1}`);
  };
  const hands: Hands = {
    goTo: (frame) => player.goTo(frame),
    step: (by) => player.step(by),
    togglePlay: () => player.toggle(),
    setTool,
    setHidden,
    setOthers,
    zoomBy: (factor) => stage?.zoomBy(factor),
    fit: () => stage?.fit(),
    propagate: (direction, whole) => void bench.propagate(direction, playing.frame, whole),
    stop: () => void bench.stop(),
    undo: () => void bench.undo(),
    redo: () => void bench.redo(),
    submit: () => void bench.submit().then((done) => done && onLeave("submitted")),
    handBack: () => void bench.handBack().then((done) => done && onLeave("handed back")),
    askDiscard: () => setDiscarding(true),
    newObject: onNewObject,
    openObject: (number) => open(masklets.findIndex(({ object_id }) => object_id === number)),
    nextObject: () => open((masklets.findIndex(({ id }) => id === masklet.id) + 1) % masklets.length),
  };
  const control = (spec: Spec): Control => ({ spec, action: bind(spec, desk, hands) });
  useActions(ACTIONS.map((spec) => bind(spec, desk, hands)));

  const shownOthers = others ? accepted : [];
  const no = locked(desk);
  const prompt = (given: NewPrompt) => {
    if (no !== null) return;
    if (player.read().playing) player.pause();
    bench.prompt(given);
  };
  const frame = playing.frame;
  // One primary button in view: what the annotator most likely does next.
  const propagateNext = !work.leaseLost && frames.size < timeline.count && frames.size <= prompted.length;
  const refine = masklet.last_verdict?.verdict === "unsatisfactory" ? masklet.last_verdict : null;

  return (
    <div className={styles.desk}>
      <PageBar
        trail={[
          { label: project?.name ?? "Project", to: `/projects/${masklet.project}` },
          { label: video.name, to: `/videos/${video.id}` },
          { label: `object ${masklet.object_id}${masklets.length > 1 ? ` of ${masklets.length}` : ""}` },
        ]}
      >
        <span>phase {masklet.phase}</span>
        {checkpoint && <span>{checkpoint.name}</span>}
        <Saved state={savedState(work, unsent)} />
      </PageBar>

      <Toolbar control={control} tool={tool} hidden={hidden} />

      <Stage
        footage={footage}
        shapes={shapes}
        masks={hidden ? [] : masksOn(playing.frame, desk, shownOthers)}
        marks={hidden ? [] : marksOn(frame, prompts, unsent)}
        tool={tool}
        handle={setStage}
        label={`Frame ${frame + 1} of ${timeline.count}`}
        onClick={
          no === null
            ? ([x, y], positive) => {
                const first = prompts.length + unsent.length === 0;
                setEager(first && !positive);
                if (positive || !first) prompt({ frame_idx: frame, kind: "click", x, y, positive });
              }
            : undefined
        }
        onBox={
          no === null
            ? (box) => {
                prompt({ frame_idx: frame, kind: "box", box });
                setTool("point");
              }
            : undefined
        }
      >
        {work.leaseLost && (
          <LeaseLost
            revision={masklet.revision}
            unsent={unsent.length}
            refusal={claim.error && !isApiError(claim.error, "open_in_another_tab") ? claim.error.message : null}
            elsewhere={isApiError(claim.error, "open_in_another_tab")}
            busy={claim.isPending}
            onClaim={(takeover) => claim.mutate(takeover)}
          />
        )}
        {work.trouble && <TroubleNote trouble={work.trouble} onDismiss={() => bench.dismiss()} />}
        {eager && (
          <p className={styles.aside} role="status">
            There is nothing to remove yet. Begin with a left click on the object.
          </p>
        )}
        {hidden && <p className={styles.aside}>Masks are hidden. Press H to show them.</p>}
      </Stage>

      <aside className={styles.side} aria-label="Objects and notes">
        {refine && <ToRefine verdict={refine} />}
        <ObjectList masklets={masklets} current={masklet} others={others} newObject={control(newObject)} showOthers={control(showOthers)} />
      </aside>

      <div className={styles.time}>
        <PlayBar footage={footage}>
          <PropagationBar
            work={work}
            backward={control(propagateBackward)}
            both={control(propagateBoth)}
            forward={control(propagateForward)}
            stop={control(stop)}
            next={propagateNext}
          />
        </PlayBar>
        <Timeline footage={footage} rows={rowsOf(desk, shownOthers)} />
      </div>

      <footer className={styles.foot}>
        <p className={styles.hint} aria-live="polite">
          {hintOf(desk)}
        </p>
        <ActionButton control={control(handBack)} small variant="quiet" withKey>
          Hand back
        </ActionButton>
        <ActionButton control={control(submit)} small variant={work.leaseLost || propagateNext ? "secondary" : "primary"} withKey busy={work.busy === "Submitting" && "Submitting"}>
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
