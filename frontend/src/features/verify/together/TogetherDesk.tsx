import { useCallback, useEffect, useEffectEvent } from "react";

import { keepLease } from "@/lib/keepLease";
import { heartbeatReview } from "@/api/reviews";
import { useResource } from "@/lib/useResource";
import { useTitle } from "@/lib/useTitle";
import { Shapes } from "@/masks/shapes";
import { closeFootage, openFootage, type Footage } from "@/player/footage";
import { PageBar, useActions, Working } from "@/ui";

import { undoAction } from "../actions";
import { AfterVerdict } from "../AfterVerdict";
import desk from "../ReviewDesk.module.css";
import { ReviewFoot } from "../ReviewFoot";
import { UndoOffer } from "../UndoOffer";
import { useLooking } from "../useLooking";
import { Chosen } from "./Chosen";
import { openOnes, type Member } from "./members";
import { TogetherStage } from "./TogetherStage";
import { TogetherTime } from "./TogetherTime";
import { useTogether, type TogetherOptions } from "./useTogether";

/** Opens the video, and plays it at once with all that is to be verified in it. */
export function TogetherDesk(props: TogetherOptions) {
  const { video } = props.opened[0];
  const shapes = useResource(
    () => new Shapes(),
    (made) => made.close(),
  );
  const footage = useResource(() => openFootage(video, { loop: true, frame: 0 }), closeFootage);
  if (!shapes || !footage) return <Working fill>Opening the video</Working>;
  return <Together {...props} shapes={shapes} footage={footage} />;
}

function Together(props: TogetherOptions & { shapes: Shapes; footage: Footage }) {
  const { shapes, footage, undoable, onUndoable } = props;
  const together = useTogether(props);
  const { members, selected, undo, takeBack, advance, leave, project } = together;
  const looking = useLooking(footage, selected.masks, selected.previous);
  const left = openOnes(members);
  const { name } = footage.video;
  useTitle(`Review ${name}`);
  // What is said of the chosen one has its keys there.
  useActions(left.length === 0 ? [undoAction(undoable !== null, takeBack)] : []);
  const expire = useCallback(() => onUndoable(null), [onUndoable]);
  const bar = (
    <PageBar trail={[{ label: "Project", to: `/projects/${project}` }, { label: name }, { label: "review" }]}>
      <span role="status">{`${left.length} of ${members.length} left`}</span>
    </PageBar>
  );
  const offer = undoable && (
    <UndoOffer
      undoable={undoable}
      busy={undo.isPending}
      refusal={undo.error?.message ?? null}
      onUndo={takeBack}
      onOver={expire}
    />
  );
  if (left.length === 0)
    return (
      <>
        {bar}
        <AfterVerdict
          project={project}
          coming={advance.isPending || (advance.data?.reviews.length ?? 0) > 0}
          error={advance.error}
          onLookAgain={() => advance.mutate()}
        >
          {offer}
        </AfterVerdict>
      </>
    );
  return (
    <div className={desk.desk}>
      {bar}
      {left.map((member) => (
        <Holding key={member.id} member={member} onLost={() => together.lose(member.id)} />
      ))}
      <TogetherStage members={members} selected={selected} looking={looking} shapes={shapes} />
      <Chosen key={selected.id} together={together} looking={looking} undoable={undoable !== null} />
      <TogetherTime members={members} selected={selected} looking={looking} />
      <ReviewFoot offer={offer} leaving={leave.isPending} onLeave={() => leave.mutate()}>
        ↑ and ↓ choose a masklet. S, U and J are about the one that is chosen, Shift S about all that are
        left.
      </ReviewFoot>
    </div>
  );
}

/** Keeps one lease until its masklet has a verdict. */
function Holding({ member: { review }, onLost }: { member: Member; onLost: () => void }) {
  const beat = useEffectEvent(() => heartbeatReview(review));
  const lost = useEffectEvent(onLost);
  useEffect(
    () =>
      keepLease({
        seconds: review.lease_seconds,
        beat: () => beat(),
        onLost: () => lost(),
        onContact: () => undefined,
      }),
    [review.lease_seconds],
  );
  return null;
}
