import { useCallback, useEffect, type ReactNode } from "react";

import type { Id, VerdictValue } from "@/api/models";
import { useResource } from "@/lib/useResource";
import { useTitle } from "@/lib/useTitle";
import { Shapes } from "@/masks/shapes";
import { closeFootage, openFootage, type Footage } from "@/player/footage";
import { useActions, Working } from "@/ui";

import { reviewActions } from "./actions";
import { AfterVerdict } from "./AfterVerdict";
import type { NextReview, Prepared } from "./nextReview";
import type { Opened } from "./openReview";
import { ReviewBar } from "./ReviewBar";
import styles from "./ReviewDesk.module.css";
import { ReviewFoot } from "./ReviewFoot";
import { ReviewSide } from "./ReviewSide";
import { ReviewStage } from "./ReviewStage";
import { ReviewTime } from "./ReviewTime";
import type { Undoable } from "./undoable";
import { UndoOffer } from "./UndoOffer";
import { useLooking } from "./useLooking";
import { useReviewLease } from "./useReviewLease";
import { useVerdictForm, type VerdictForm } from "./useVerdictForm";
import { useVerdicts } from "./useVerdicts";

export interface ReviewDeskProps extends Opened {
  /** Opened before, where the masklet was loaded ahead; this page closes it. */
  footage: Footage | null;
  next: NextReview;
  /** The verdict given before this masklet came. */
  undoable: Undoable | null;
  onUndoable: (undoable: Undoable | null) => void;
  onPrepared: (prepared: Prepared | null) => void;
  /** Take this review anew. */
  onReopen: () => void;
}

/** Opens what the review needs, and plays it at once. */
export function ReviewDesk({ footage: ahead, ...rest }: ReviewDeskProps) {
  const { video } = rest;
  const shapes = useResource(
    () => new Shapes(),
    (made) => made.close(),
  );
  const footage = useResource(() => ahead ?? openFootage(video, { loop: true, frame: 0 }), closeFootage);
  if (!shapes || !footage) return <Working fill>Opening the masklet</Working>;
  return <Review {...rest} shapes={shapes} footage={footage} />;
}

type ReviewProps = Omit<ReviewDeskProps, "footage"> & { shapes: Shapes; footage: Footage };

function Review(props: ReviewProps) {
  const {
    review,
    video,
    masks,
    previous,
    next,
    undoable,
    onUndoable,
    onPrepared,
    onReopen,
    shapes,
    footage,
  } = props;
  const form = useVerdictForm();
  const lease = useReviewLease(review);
  const looking = useLooking(footage, masks, previous);
  const onGiven = (given: Undoable) => {
    lease.end();
    onUndoable(given);
  };
  const expire = useCallback(() => onUndoable(null), [onUndoable]);
  const verdicts = useVerdicts({
    review,
    next,
    onPrepared,
    onGiven,
    onTakenBack: expire,
    onLost: lease.lose,
  });
  const { advance, give, undo, leave } = verdicts;
  const over = give.isSuccess;
  useTitle(`Review ${review.label || video.name}`);
  useEffect(() => next.prepare(review.project), [next, review.project]);

  const { refusal, tryToGive } = useGiving(form, lease.lost, give, footage);
  const takeBack = () => {
    if (undoable && !undo.isPending) undo.mutate({ last: undoable, holding: !over && !lease.lost });
  };
  const toggleReason = (index: number) => {
    const reason = form.reasons[index];
    if (reason) form.toggle(reason.code);
  };
  const named = review.places;
  const commands = { named, undoable: undoable !== null, give: tryToGive, undo: takeBack, toggleReason };
  useActions(
    reviewActions({
      ...commands,
      looking: over ? null : looking,
      pin: form.pin,
      leave: () => leave.mutate(),
    }),
  );

  const bar = <ReviewBar review={review} again={previous !== null} online={lease.online} />;
  const refused = undo.error?.message ?? null;
  const offer = undoable && (
    <UndoOffer
      undoable={undoable}
      busy={undo.isPending}
      refusal={refused}
      onUndo={takeBack}
      onOver={expire}
    />
  );
  if (over) return <Over bar={bar} project={review.project} advance={advance} offer={offer} />;
  return (
    <div className={styles.desk}>
      {bar}
      <ReviewStage looking={looking} shapes={shapes} form={form} lost={lease.lost} onReopen={onReopen} />
      <ReviewSide
        review={review}
        looking={looking}
        form={form}
        error={lease.lost ? null : give.error}
        sending={give.isPending ? give.variables.verdict : null}
        refusal={refusal}
        onGive={tryToGive}
      />
      <ReviewTime looking={looking} shapes={shapes} pinned={form.pins.map(({ frame_idx }) => frame_idx)} />
      <ReviewFoot offer={offer} leaving={leave.isPending} onLeave={() => leave.mutate()} />
    </div>
  );
}

/** Gives a verdict, or says what stands in its way. */
function useGiving(
  form: VerdictForm,
  lost: boolean,
  give: ReturnType<typeof useVerdicts>["give"],
  { player }: Footage,
) {
  const refusal = (verdict: VerdictValue): string | undefined => {
    if (lost) return "You no longer hold this masklet. Claim it again to give a verdict.";
    if (give.isPending) return "The verdict is being saved.";
    return form.refusal(verdict);
  };
  const tryToGive = (verdict: VerdictValue) => {
    const no = refusal(verdict);
    form.setProblem(no);
    if (no !== undefined) return;
    player.pause();
    give.mutate(form.verdictOf(verdict));
  };
  return { refusal, tryToGive };
}

interface OverProps {
  bar: ReactNode;
  project: Id;
  advance: ReturnType<typeof useVerdicts>["advance"];
  offer: ReactNode;
}

/** The verdict is given; the next masklet is on its way, or there is none. */
function Over({ bar, project, advance, offer }: OverProps) {
  const coming = advance.isPending || (advance.isSuccess && advance.data !== undefined);
  return (
    <>
      {bar}
      <AfterVerdict
        project={project}
        coming={coming}
        error={advance.error}
        onLookAgain={() => advance.mutate()}
      >
        {offer}
      </AfterVerdict>
    </>
  );
}
