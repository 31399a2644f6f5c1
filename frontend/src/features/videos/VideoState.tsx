import type { Video } from "@/api/models";
import { useLiveRun } from "@/api/useLiveRun";
import { Progress, VideoChip } from "@/ui";

/** A video's state in a word; while its frames are extracted, how far that is. */
export function VideoState({ video, follow, onEnd }: { video: Video; follow: boolean; onEnd: () => void }) {
  const run = useLiveRun(video.run, onEnd, follow);
  if (video.status !== "extracting" || run === null) return <VideoChip status={video.status} />;
  const { done, total, unit } = run.progress;
  const label = run.status === "queued" ? "Waiting for a worker" : "Extracting frames";
  return <Progress label={label} done={done} total={run.status === "queued" ? 1 : total} unit={unit} />;
}
