import { useQueries } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useRef, useState } from "react";

import { keys } from "@/api/keys";
import { getMasks } from "@/api/masklets";
import type { Candidate, Id, MaskSet, Video } from "@/api/models";
import { useSignal } from "@/lib/signal";
import { colourOf } from "@/masks/colours";
import { drawMask, FAINT, SELECTED } from "@/masks/draw";
import { Shapes } from "@/masks/shapes";
import { openFootage, closeFootage, type Footage } from "@/player/footage";
import { Working } from "@/ui";

import styles from "./Picture.module.css";

/** Masks that are drawn together; more would only hide each other. */
const MOST_MASKS = 48;

export interface PictureProps {
  video: Video;
  /** Those that are listed; the first ones are drawn, and the focused one above them. */
  candidates: readonly Candidate[];
  focused: Id | null;
  frame: number;
}

/** A frame with the candidates' masks on it. */
export function Picture(props: PictureProps) {
  const [opened, setOpened] = useState<{ footage: Footage; shapes: Shapes } | null>(null);
  const { video } = props;
  useEffect(() => {
    const made = { footage: openFootage(video, { loop: false, frame: 0 }), shapes: new Shapes() };
    // eslint-disable-next-line react-hooks/set-state-in-effect -- what is opened here is closed here
    setOpened(made);
    return () => {
      setOpened(null);
      closeFootage(made.footage);
      made.shapes.close();
    };
    // A list that is fetched again brings the same video with fresh links.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [video.id]);
  return opened && <Drawn {...props} {...opened} />;
}

function Drawn({
  candidates,
  focused,
  frame,
  footage,
  shapes,
}: PictureProps & { footage: Footage; shapes: Shapes }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { frames, width, height } = footage;
  const arrived = useSignal(frames.arrivals);
  const traced = useSignal(shapes.arrivals);
  useEffect(() => frames.aim(frame, 1), [frames, frame]);
  const masks = useMasks(candidates, focused);
  const picture = frames.get(frame);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !picture) return;
    context.drawImage(picture, 0, 0, width, height);
    // Lines are as wide on a large frame as on a small one.
    const scale = context.canvas.clientWidth / width || 1;
    // The focused one last, above the others.
    for (const { candidate, set } of masks) {
      const mask = set.frames[String(frame)];
      const shape = mask && shapes.get({ size: set.size, counts: mask.counts });
      if (!shape) continue;
      const look = candidate.id === focused ? SELECTED : { ...FAINT, fill: 0.18, opacity: 0.9 };
      drawMask(context, shape, { ...look, colour: colourOf(candidate.object_id), doubtful: false }, scale);
    }
  }, [picture, masks, focused, frame, shapes, width, height, arrived, traced]);
  const failure = frames.failure(frame);
  return (
    <div className={styles.picture}>
      <canvas
        ref={canvas}
        width={width}
        height={height}
        className={styles.canvas}
        role="img"
        aria-label={`Frame ${frame + 1} with the masks of ${masks.length} candidates`}
      />
      {failure !== null && <p className={styles.note}>This frame could not be loaded: {failure}</p>}
      {!picture && failure === null && (
        <div className={styles.note}>
          <Working>Loading the frame</Working>
        </div>
      )}
    </div>
  );
}

/** The masks of the first candidates and of the focused one, which comes last, as far as they have come. */
function useMasks(candidates: readonly Candidate[], focused: Id | null) {
  const first = candidates.slice(0, MOST_MASKS).filter(({ id }) => id !== focused);
  const wanted = [...first, ...candidates.filter(({ id }) => id === focused)];
  return useQueries({
    queries: wanted.map(({ id, revision }) => ({
      queryKey: [...keys.masklet(id), "masks", revision],
      queryFn: () => getMasks(id),
      staleTime: Infinity,
    })),
    combine: (answers) =>
      answers.flatMap(({ data }, i): { candidate: Candidate; set: MaskSet }[] =>
        data && wanted[i] ? [{ candidate: wanted[i], set: data }] : [],
      ),
  });
}
