import { useQuery } from "@tanstack/react-query";
import { MessageSquareText, PlugZap } from "lucide-react";
import { useCallback, useEffect, useEffectEvent, useMemo, useState, useSyncExternalStore } from "react";

import { keys } from "@/api/keys";
import type { VerdictValue } from "@/api/models";
import { getProject } from "@/api/projects";
import { heartbeatReview } from "@/api/reviews";
import { Stage, type StageHandle, type StageMask } from "@/canvas/Stage";
import { keepLease } from "@/lib/keepLease";
import { useResource } from "@/lib/useResource";
import { useTitle } from "@/lib/useTitle";
import { colourOf } from "@/masks/colours";
import { SELECTED } from "@/masks/draw";
import { Shapes } from "@/masks/shapes";
import { closeFootage, openFootage, type Footage } from "@/player/footage";
import { laneOf } from "@/player/lane";
import { PlayBar } from "@/player/PlayBar";
import { Timeline } from "@/player/Timeline";
import { Button, Chip, ErrorNote, PageBar, useActions, Working } from "@/ui";

import { reviewActions } from "./actions";
import { AfterVerdict } from "./AfterVerdict";
import { ContactSheet } from "./ContactSheet";
import type { Given } from "./given";
import type { Opened } from "./openReview";
import { REASONS, type Reason } from "@/lib/reasons";
import { Reasons } from "./Reasons";
import styles from "./ReviewDesk.module.css";
import { UndoOffer } from "./UndoOffer";
import { useVerdicts } from "./useVerdicts";
import { VerdictKeys } from "./VerdictKeys";

export interface ReviewDeskProps extends Opened {
  /** The verdict given before this masklet came. */
  given: Given | null;
  onGiven: (given: Given | null) => void;
  /** Claim this masklet anew. */
  onReopen: () => void;
}

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

function Review({
  review,
  masklet,
  masks,
  prompts,
  given,
  onGiven,
  onReopen,
  shapes,
  footage,
}: ReviewDeskProps & { shapes: Shapes; footage: Footage }) {
  const { player, timeline, video } = footage;
  const playing = useSyncExternalStore(player.subscribe, player.read);
  const [stage, setStage] = useState<StageHandle | null>(null);
  const [lost, setLost] = useState(false);
  const [online, setOnline] = useState(true);
  const [chosen, setChosen] = useState<ReadonlySet<Reason>>(new Set());
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState<string>();
  const [hidden, setHidden] = useState(false);
  const { data: project } = useQuery({
    queryKey: keys.project(masklet.project),
    queryFn: () => getProject(masklet.project),
  });
  useTitle(`Review object ${masklet.object_id} · ${video.name}`);

  const frames = useMemo(
    () => new Map(Object.entries(masks.frames).map(([j, frame]) => [Number(j), frame])),
    [masks],
  );
  const prompted = useMemo(() => [...new Set(prompts.map(({ frame_idx }) => frame_idx))], [prompts]);
  const lane = useMemo(
    () => laneOf(frames, timeline.count, masks.size, masks.look_here),
    [frames, timeline, masks],
  );
  const colour = colourOf(masklet.object_id);

  // It plays by itself; whoever wants less motion starts it.
  useEffect(() => {
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) player.play();
  }, [player]);
  const { advance, give, undo, leave } = useVerdicts({
    review,
    masklet,
    onGiven,
    onLost: () => setLost(true),
    onReopen,
  });
  const over = give.isSuccess;
  const beat = useEffectEvent(() => heartbeatReview(review));
  useEffect(() => {
    if (over) return;
    return keepLease({
      seconds: review.lease_seconds,
      beat: () => beat(),
      onLost: () => setLost(true),
      onContact: setOnline,
    });
  }, [review.lease_seconds, over]);

  const refusal = (verdict: VerdictValue): string | undefined => {
    if (lost) return "You no longer hold this masklet. Claim it again to give a verdict.";
    if (give.isPending) return "The verdict is being saved.";
    if (verdict === "unsatisfactory" && chosen.size === 0 && !comment.trim())
      return "Say what to refine: tick a reason or write a comment.";
    if (verdict === "satisfactory" && chosen.size > 0)
      return "Untick what to refine first, or choose unsatisfactory.";
    return undefined;
  };
  const tryToGive = (verdict: VerdictValue) => {
    const no = refusal(verdict);
    setProblem(no);
    if (no !== undefined) return;
    player.pause();
    give.mutate({ verdict, comment: comment.trim(), reasons: verdict === "satisfactory" ? [] : [...chosen] });
  };
  const toggle = (code: Reason) => {
    setProblem(undefined);
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(code)) after.add(code);
      return after;
    });
  };
  const takeBack = () => {
    if (given && !undo.isPending) undo.mutate({ last: given, holding: !over && !lost });
  };

  useActions(
    reviewActions({
      looking: !over,
      given: given !== null,
      refusal,
      give: tryToGive,
      undo: takeBack,
      player,
      toggleReason: (index) => {
        const reason = REASONS[index];
        if (reason) toggle(reason.code);
      },
      hide: () => setHidden((before) => !before),
      zoomBy: (factor) => stage?.zoomBy(factor),
      fit: () => stage?.fit(),
      lane,
      leave: () => leave.mutate(),
    }),
  );
  const expire = useCallback(() => onGiven(null), [onGiven]);

  const mask = frames.get(playing.frame);
  const layers: StageMask[] =
    mask && !hidden
      ? [
          {
            rle: { size: masks.size, counts: mask.counts },
            look: { ...SELECTED, colour, doubtful: lane.doubts.has(playing.frame) },
          },
        ]
      : [];
  const bar = (
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
  const offer = given && (
    <UndoOffer
      given={given}
      busy={undo.isPending}
      refusal={undo.error?.message ?? null}
      onUndo={takeBack}
      onOver={expire}
    />
  );

  if (over) {
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
      <Stage
        footage={footage}
        shapes={shapes}
        masks={layers}
        handle={setStage}
        label={`Frame ${playing.frame + 1} of ${timeline.count}`}
      >
        {lost && (
          <div className={styles.banner} role="alert">
            <PlugZap size={18} aria-hidden />
            <p>
              <strong>You no longer hold this masklet.</strong> No verdict was given. Claim it again to go on.
            </p>
            <Button small variant="primary" onClick={onReopen}>
              Claim again
            </Button>
          </div>
        )}
        {hidden && <p className={styles.aside}>The mask is hidden. Press H to show it.</p>}
      </Stage>

      <aside className={styles.side} aria-label="Verdict and reasons">
        <div className={styles.scroll}>
          {masklet.last_verdict?.verdict === "unsatisfactory" && (
            <section className={styles.before} aria-label="Asked for last time">
              <h2>
                <MessageSquareText size={15} aria-hidden /> Asked for last time
              </h2>
              <p>{masklet.last_verdict.comment}</p>
            </section>
          )}
          <Reasons
            chosen={chosen}
            onToggle={toggle}
            comment={comment}
            onComment={(text) => {
              setProblem(undefined);
              setComment(text);
            }}
            problem={problem}
          />
          {give.error && !lost && <ErrorNote title="The verdict was not saved" error={give.error} />}
        </div>
        <VerdictKeys
          sending={give.isPending ? give.variables.verdict : null}
          refusal={refusal}
          onGive={tryToGive}
        />
      </aside>

      <div className={styles.time}>
        <PlayBar footage={footage}>
          <span className={styles.doubts}>
            {lane.places.length > 0 &&
              `${lane.places.length === 1 ? "One place is" : `${lane.places.length} places are`} likely to be wrong: G goes there`}
          </span>
        </PlayBar>
        <Timeline
          footage={footage}
          rows={[
            {
              key: masklet.id,
              number: masklet.object_id,
              name: masklet.label,
              colour,
              lane,
              current: true,
              prompted,
              painted: [],
            },
          ]}
        />
        <ContactSheet footage={footage} shapes={shapes} masks={masks} colour={colour} lane={lane} />
      </div>

      <footer className={styles.foot}>
        <div className={styles.hint}>
          {offer ?? "Watch it once from first to last. S satisfactory, U unsatisfactory, J reject."}
        </div>
        <Button
          small
          variant="quiet"
          busy={leave.isPending && "Leaving"}
          shortcut="Backspace"
          onClick={() => leave.mutate()}
        >
          Leave it to another
        </Button>
      </footer>
    </div>
  );
}
