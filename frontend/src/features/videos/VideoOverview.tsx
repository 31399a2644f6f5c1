import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useNavigate } from "react-router";

import { keys } from "@/api/keys";
import type { Video } from "@/api/models";
import { useLiveRun } from "@/api/useLiveRun";
import { removeVideo } from "@/api/videos";
import { formatDuration, formatMoment, plural } from "@/lib/format";
import { Button, ErrorNote, Progress, Section, VideoChip } from "@/ui";

import { Fact, Facts } from "./Facts";
import styles from "./VideoOverview.module.css";

/** The video to play beside its facts, or what stands in the way of playing it. */
export function VideoOverview({ video, isOwner }: { video: Video; isOwner: boolean }) {
  const client = useQueryClient();
  const run = useLiveRun(video.run, () => void client.invalidateQueries({ queryKey: keys.videos }));
  const remove = useRemove(video);
  return (
    <Section
      title={video.name}
      level={1}
      actions={
        <>
          <VideoChip status={video.status} />
          {isOwner && video.status !== "extracting" && <RemoveButton video={video} remove={remove} />}
        </>
      }
    >
      {remove.error && <ErrorNote title="The video was not removed" error={remove.error} />}
      {video.failure && (
        <ErrorNote title="This video cannot be used" error={new Error(video.failure.message)} />
      )}
      {video.status === "uploading" && (
        <p>Its file is still on its way. Choose the same file again on the project page to go on with it.</p>
      )}
      {video.status === "extracting" && run && (
        <Progress
          label={run.status === "queued" ? "Waiting for a worker" : "Extracting frames"}
          done={run.progress.done}
          total={run.status === "queued" ? 1 : run.progress.total}
          unit={run.progress.unit}
        />
      )}
      {video.status === "ready" && (
        <div className={styles.overview}>
          <div className={styles.surround}>
            {video.proxy_url && (
              // Its link lives five minutes: one that has run out by the time it is played is asked for
              // again.
              <video
                src={video.proxy_url}
                poster={video.thumbnail_url ?? undefined}
                controls
                muted
                loop
                playsInline
                preload="metadata"
                onError={() => void client.invalidateQueries({ queryKey: keys.videos })}
              />
            )}
          </div>
          <OfVideo video={video} />
        </div>
      )}
    </Section>
  );
}

function OfVideo({ video }: { video: Video }) {
  return (
    <Facts>
      <Fact name="Length">{formatDuration(video.duration ?? 0)}</Fact>
      <Fact name="Size">
        {video.width} × {video.height}
      </Fact>
      <Fact name="Timeline">
        {plural(video.timeline_frame_count ?? 0, "frame")} at {video.fps} fps
      </Fact>
      <Fact name="To annotate">
        {plural(video.frame_count ?? 0, "frame")}, 1 in {video.annotate_every}
      </Fact>
      {video.warnings.length > 0 && (
        <Fact name="Notes">
          {video.warnings.map((sentence) => (
            <div key={sentence}>{sentence}</div>
          ))}
        </Fact>
      )}
      <Fact name="Added">{formatMoment(video.created_at)}</Fact>
    </Facts>
  );
}

/** A video that is ready goes into the bin, where one lands; what never became one is gone for good. */
function useRemove(video: Video) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => removeVideo(video.id),
    onSuccess: async () => {
      await navigate(`/projects/${video.project}${video.status === "ready" ? "/bin" : ""}`);
      client.removeQueries({ queryKey: keys.video(video.id) });
      await Promise.all([
        client.invalidateQueries({ queryKey: keys.bin(video.project) }),
        client.invalidateQueries({ queryKey: keys.videos }),
        client.invalidateQueries({ queryKey: keys.masklets }),
        client.invalidateQueries({ queryKey: keys.project(video.project) }),
      ]);
    },
  });
}

function RemoveButton({ video, remove }: { video: Video; remove: ReturnType<typeof useRemove> }) {
  return (
    <Button
      small
      variant={video.status === "ready" ? "quiet" : "secondary"}
      icon={Trash2}
      onClick={() => remove.mutate()}
      busy={remove.isPending && "Removing"}
    >
      {video.status === "ready" ? "Move to the bin" : "Remove this video"}
    </Button>
  );
}
