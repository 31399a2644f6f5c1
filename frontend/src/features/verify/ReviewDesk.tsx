import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";

import { keys } from "@/api/keys";
import { getProject } from "@/api/projects";
import type { StageHandle } from "@/canvas/Stage";
import { useResource } from "@/lib/useResource";
import { useTitle } from "@/lib/useTitle";
import { Shapes } from "@/masks/shapes";
import { closeFootage, openFootage } from "@/player/footage";
import { Chip, PageBar, useActions, Working } from "@/ui";

import { reviewActions } from "./actions";
import { AfterVerdict } from "./AfterVerdict";
import type { Opened } from "./openReview";
import styles from "./ReviewDesk.module.css";
import { ReviewFoot } from "./ReviewFoot";
import { ReviewPicture } from "./ReviewPicture";
import { ReviewSide } from "./ReviewSide";
import { ReviewTime } from "./ReviewTime";
import { UndoOffer } from "./UndoOffer";
import { useReview, type ReviewOptions } from "./useReview";

export type ReviewDeskProps = Omit<ReviewOptions, "footage">;

/** Opens what the review needs, and plays it at once. */
export function ReviewDesk(props: ReviewDeskProps) {
  const { video } = props;
  const shapes = useResource(
    () => new Shapes(),
    (made) => made.close(),
  );
  const footage = useResource(() => openFootage(video, { loop: true, frame: 0 }), closeFootage);
  if (!shapes || !footage) return <Working fill>Opening the masklet</Working>;
  return <Review {...props} shapes={shapes} footage={footage} />;
}

/** The review page: the masklet that plays, and around it the verdict. */
function Review({ shapes, ...options }: ReviewOptions & { shapes: Shapes }) {
  const { masklet, masks, footage, undoable, onUndoable, onReopen } = options;
  const state = useReview(options);
  const { advance, undo, leave, form, takeBack } = state;
  const [stage, setStage] = useState<StageHandle | null>(null);
  useTitle(`Review object ${masklet.object_id} · ${footage.video.name}`);
  useActions(
    reviewActions({
      looking: !state.over,
      undoable: undoable !== null,
      give: state.tryToGive,
      undo: takeBack,
      player: footage.player,
      toggleReason: (index) => {
        const reason = form.reasons[index];
        if (reason) form.toggle(reason.code);
      },
      hide: state.hide,
      zoomBy: (factor) => stage?.zoomBy(factor),
      fit: () => stage?.fit(),
      lane: state.lane,
      leave: () => leave.mutate(),
    }),
  );
  const expire = useCallback(() => onUndoable(null), [onUndoable]);
  const bar = <ReviewBar {...options} online={state.lease.online} />;
  const offer = undoable && (
    <UndoOffer
      undoable={undoable}
      busy={undo.isPending}
      refusal={undo.error?.message ?? null}
      onUndo={takeBack}
      onOver={expire}
    />
  );
  if (state.over) {
    const coming = advance.isPending || (advance.isSuccess && advance.data !== undefined);
    return (
      <>
        {bar}
        <AfterVerdict
          project={masklet.project}
          coming={coming}
          error={advance.error}
          onLookAgain={() => advance.mutate()}
        >
          {offer}
        </AfterVerdict>
      </>
    );
  }
  return (
    <div className={styles.desk}>
      {bar}
      <ReviewPicture {...{ footage, shapes, masks, state, onReopen }} onStage={setStage} />
      <ReviewSide masklet={masklet} state={state} />
      <ReviewTime {...{ footage, shapes, masklet, masks, state }} />
      <ReviewFoot offer={offer} leaving={leave.isPending} onLeave={() => leave.mutate()} />
    </div>
  );
}

/** Where one is, and whether the server is there. */
function ReviewBar({ review, masklet, video, online }: Opened & { online: boolean }) {
  const { data: project } = useQuery({
    queryKey: keys.project(masklet.project),
    queryFn: () => getProject(masklet.project),
  });
  return (
    <PageBar
      trail={[
        { label: project?.name ?? "Project", to: `/projects/${masklet.project}` },
        { label: video.name, to: `/videos/${video.id}` },
        { label: `object ${masklet.object_id}${masklet.label ? `, ${masklet.label}` : ""}` },
      ]}
    >
      <span>review · revision {review.revision}</span>
      {!online && <Chip tone="doubt">Offline, trying again</Chip>}
    </PageBar>
  );
}
