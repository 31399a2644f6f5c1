import { useEffect, useEffectEvent, useState } from "react";

import type { VerdictValue } from "@/api/models";
import { heartbeatReview } from "@/api/reviews";
import { keepLease } from "@/lib/keepLease";
import { useResource } from "@/lib/useResource";
import { useTitle } from "@/lib/useTitle";
import { Shapes } from "@/masks/shapes";
import { closeFootage, openFootage, type Footage } from "@/player/footage";
import { useActions, Working } from "@/ui";

import { reviewActions } from "./actions";
import { AfterVerdict } from "./AfterVerdict";
import type { Given } from "./given";
import type { NextReview, Prepared } from "./nextReview";
import type { Opened } from "./openReview";
import { REASONS } from "./reasons";
import { ReviewBar } from "./ReviewBar";
import styles from "./ReviewDesk.module.css";
import { ReviewFoot } from "./ReviewFoot";
import { ReviewSide } from "./ReviewSide";
import { ReviewStage } from "./ReviewStage";
import { ReviewTime } from "./ReviewTime";
import { UndoOffer } from "./UndoOffer";
import { disagreement, useDraft } from "./useDraft";
import { useLooking } from "./useLooking";
import { useVerdicts } from "./useVerdicts";

export interface ReviewDeskProps extends Opened {
  /** Opened before, where the masklet was loaded ahead; this page closes it. */
  footage: Footage | null;
  next: NextReview;
  /** The verdict given before this masklet came. */
  given: Given | null;
  onGiven: (given: Given | null) => void;
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

function Review({ review, video, masks, previous, next, given, onGiven, onPrepared, onReopen, shapes, footage }: ReviewProps) {
  const [lost, setLost] = useState(false);
  const [online, setOnline] = useState(true);
  const draft = useDraft();
  const looking = useLooking(footage, masks, previous);
  const { advance, give, undo, leave } = useVerdicts({ review, next, onPrepared, onGiven, onLost: () => setLost(true) });
  const over = give.isSuccess;
  useTitle(`Review ${review.label || video.name}`);

  const beat = useEffectEvent(() => heartbeatReview(review));
  useEffect(() => {
    if (over) return;
    return keepLease({ seconds: review.lease_seconds, beat: () => beat(), onLost: () => setLost(true), onContact: setOnline });
  }, [review.lease_seconds, over]);
  useEffect(() => next.prepare(review.project), [next, review.project]);

  const refusal = (verdict: VerdictValue): string | undefined => {
    if (lost) return "You no longer hold this masklet. Claim it again to give a verdict.";
    if (give.isPending) return "The verdict is being saved.";
    return disagreement(verdict, draft);
  };
  const tryToGive = (verdict: VerdictValue) => {
    const no = refusal(verdict);
    draft.setProblem(no);
    if (no !== undefined) return;
    footage.player.pause();
    const reasons = verdict === "satisfactory" ? [] : [...draft.reasons];
    give.mutate({ verdict, comment: draft.comment.trim(), reasons, pins: [...draft.told] });
  };
  const takeBack = () => {
    if (given && !undo.isPending) undo.mutate({ last: given, holding: !over && !lost });
  };
  const reason = (index: number) => {
    const chosen = REASONS[index];
    if (chosen) draft.toggle(chosen.code);
  };
  useActions(reviewActions({ looking: over ? null : looking, given: given !== null, give: tryToGive, undo: takeBack, toggleReason: reason, pin: (frame) => draft.pin(frame), leave: () => leave.mutate() }));

  const bar = <ReviewBar review={review} again={previous !== null} online={online} />;
  const offer = given && (
    <UndoOffer given={given} busy={undo.isPending} refusal={undo.error?.message ?? null} onUndo={takeBack} onOver={() => onGiven(null)} />
  );
  if (over) {
    const coming = advance.isPending || (advance.isSuccess && advance.data !== undefined);
    return (
      <>
        {bar}
        <AfterVerdict project={review.project} coming={coming} error={advance.error} onLookAgain={() => advance.mutate()}>
          {offer}
        </AfterVerdict>
      </>
    );
  }
  return (
    <div className={styles.desk}>
      {bar}
      <ReviewStage looking={looking} shapes={shapes} draft={draft} lost={lost} onReopen={onReopen} />
      <ReviewSide
        review={review}
        looking={looking}
        draft={draft}
        error={lost ? null : give.error}
        sending={give.isPending ? give.variables.verdict : null}
        refusal={refusal}
        onGive={tryToGive}
      />
      <ReviewTime looking={looking} shapes={shapes} pinned={draft.pins.map(({ frame_idx }) => frame_idx)} />
      <ReviewFoot offer={offer} leaving={leave.isPending} onLeave={() => leave.mutate()} />
    </div>
  );
}
