import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, ScanSearch } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { newIdempotencyKey } from "@/api/client";
import { answerCoverage, getCoverage, getCoverageSummary, type CoverageAnswerInput } from "@/api/coverage";
import { keys } from "@/api/keys";
import { getMasks } from "@/api/masklets";
import type { Coverage, Id, MaskSet, Video } from "@/api/models";
import { getVideo } from "@/api/videos";
import { Stage, type StageMask } from "@/canvas/Stage";
import { useIdParam } from "@/lib/useIdParam";
import { useResource } from "@/lib/useResource";
import { useTitle } from "@/lib/useTitle";
import { colourOf } from "@/masks/colours";
import { SELECTED } from "@/masks/draw";
import { Shapes } from "@/masks/shapes";
import { closeFootage, openFootage, type Footage } from "@/player/footage";
import { PlayBar } from "@/player/PlayBar";
import { Timeline } from "@/player/Timeline";
import { Button, ErrorNote, PageBar, useActions, Working } from "@/ui";

import styles from "./CoveragePage.module.css";
import { useFrame } from "./useFrame";

interface Shown {
  video: Video;
  coverage: Coverage;
  masks: readonly MaskSet[];
}

async function open(id: Id): Promise<Shown> {
  const [video, coverage] = await Promise.all([getVideo(id), getCoverage(id)]);
  return { video, coverage, masks: await Promise.all(coverage.masklets.map((each) => getMasks(each.id))) };
}

/** One question for a video: is an object missing? All that is accepted or waits is drawn together. */
export function CoveragePage() {
  const id = useIdParam("videoId");
  const { data, error } = useQuery({ queryKey: keys.coverage(id), queryFn: () => open(id), gcTime: 0 });
  if (error) return <ErrorNote title="The video could not be opened" error={error} />;
  if (!data) return <Working fill>Opening the video and its masklets</Working>;
  return <Opened key={id} {...data} />;
}

function Opened(shown: Shown) {
  const shapes = useResource(
    () => new Shapes(),
    (made) => made.close(),
  );
  const footage = useResource(() => openFootage(shown.video, { loop: true, frame: 0 }), closeFootage);
  if (!shapes || !footage) return <Working fill>Opening the video</Working>;
  return <Question {...shown} shapes={shapes} footage={footage} />;
}

function Question({ video, coverage, masks, shapes, footage }: Shown & { shapes: Shapes; footage: Footage }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const frame = useFrame(footage);
  const [pointing, setPointing] = useState(false);
  const [key] = useState(newIdempotencyKey);
  useTitle(`Is an object missing? · ${video.name}`);
  const answer = useMutation({
    mutationFn: (said: CoverageAnswerInput) => answerCoverage(video.id, said, key),
    onSuccess: async () => {
      void client.invalidateQueries({ queryKey: keys.masklets });
      const { next } = await getCoverageSummary(video.project);
      await navigate(next === null || next === video.id ? `/videos/${video.id}` : `/videos/${next}/coverage`);
    },
  });
  const complete = () => answer.mutate({ missing: false });
  const point = () => {
    footage.player.pause();
    setPointing(true);
  };
  useActions([
    { name: "complete", label: "Nothing is missing", keys: ["S"], group: "Question", perform: complete },
    { name: "missing", label: "An object is missing", keys: ["U"], group: "Question", perform: point },
    {
      name: "play",
      label: "Play or pause",
      keys: ["Space", "K"],
      group: "Frames",
      perform: () => footage.player.toggle(),
    },
  ]);
  const layers = coverage.masklets.flatMap(({ object_id }, n): StageMask[] => {
    const set = masks[n];
    const mask = set?.frames[String(frame)];
    const look = { ...SELECTED, colour: colourOf(object_id), doubtful: false };
    return set && mask ? [{ rle: { size: set.size, counts: mask.counts }, look, number: object_id }] : [];
  });
  return (
    <div className={styles.page}>
      <PageBar trail={[{ label: video.name, to: `/videos/${video.id}` }, { label: "Is an object missing?" }]}>
        <span>{coverage.masklets.length} objects drawn</span>
      </PageBar>
      <Stage
        footage={footage}
        shapes={shapes}
        masks={layers}
        label={`Frame ${frame + 1} of ${footage.timeline.count}`}
        onClick={pointing ? ([x, y]) => answer.mutate({ missing: true, frame_idx: frame, x, y }) : undefined}
      >
        {pointing && (
          <p className={styles.aside}>Click on the object that is missing. It waits for an annotator then.</p>
        )}
      </Stage>
      <div className={styles.time}>
        <PlayBar footage={footage} />
        <Timeline footage={footage} rows={[]} />
      </div>
      <footer className={styles.foot}>
        <strong>Is an object missing in this video?</strong>
        {answer.error && <ErrorNote title="The answer was not saved" error={answer.error} />}
        <Button icon={ScanSearch} shortcut="U" onClick={point}>
          Yes, one is missing
        </Button>
        <Button
          variant="primary"
          icon={Check}
          shortcut="S"
          busy={answer.isPending && "Saving"}
          onClick={complete}
        >
          No, all are there
        </Button>
      </footer>
    </div>
  );
}
