import { useMutation, useQueryClient } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import { tagVideo } from "@/api/labels";
import type { Tags, Video, VideoChange } from "@/api/models";
import { changeVideo } from "@/api/videos";
import { OneOf } from "@/describe/OneOf";
import { Written } from "@/describe/Written";
import { ErrorNote, Section } from "@/ui";

import { Fact, Facts } from "./Facts";
import { FrameTags } from "./FrameTags";
import styles from "./VideoInDatasets.module.css";
import { VideoTags } from "./VideoTags";
import { ENVIRONMENTS, SPLITS } from "./words";

/** What datasets tell of a video: its side, where it was filmed, what it shows. */
export function VideoInDatasets({ video, isOwner }: { video: Video; isOwner: boolean }) {
  const client = useQueryClient();
  const onSuccess = (saved: Video) => {
    client.setQueryData(keys.video(video.id), saved);
    void client.invalidateQueries({ queryKey: keys.videos });
  };
  const change = useMutation({ mutationFn: (what: VideoChange) => changeVideo(video.id, what), onSuccess });
  const tag = useMutation({ mutationFn: (tags: Tags) => tagVideo(video.id, tags), onSuccess });
  const error = change.error ?? tag.error;
  const said = { ...video, ...(change.isPending && change.variables) };
  return (
    <Section title="In datasets">
      {error && <ErrorNote title="This was not saved" error={error} />}
      <div className={styles.columns}>
        {isOwner ? (
          <Owners video={said} onChange={(what) => change.mutate(what)} />
        ) : (
          <Facts>
            <Fact name="Split">{video.side}</Fact>
            <Fact name="Environment">{video.environment || "not said"}</Fact>
            {video.group_key && <Fact name="Group">{video.group_key}</Fact>}
          </Facts>
        )}
        <div className={styles.column}>
          <VideoTags tags={video.tags} onChange={(tags) => tag.mutate({ tags })} />
          <FrameTags
            tags={video.frame_tags}
            count={video.frame_count ?? 1}
            onChange={(frame_tags) => tag.mutate({ frame_tags })}
          />
        </div>
      </div>
    </Section>
  );
}

function Owners({ video, onChange }: { video: Video; onChange: (change: VideoChange) => void }) {
  return (
    <div className={styles.column}>
      <div>
        <OneOf
          label="Split"
          answers={SPLITS}
          value={video.split}
          onSay={(split) => onChange({ split: split as Video["split"] })}
        />
        <p className={styles.hint}>
          {video.split === ""
            ? `Nobody has said: it is in ${video.side}, with all footage that shows the same.`
            : `What shows the same is on this side too.${video.side === video.split ? "" : ` An older video of its group is in ${video.side}, so this one is.`}`}
        </p>
      </div>
      <OneOf
        label="Environment"
        answers={ENVIRONMENTS}
        value={video.environment}
        onSay={(environment) => onChange({ environment: environment as Video["environment"] })}
      />
      <div>
        <Written
          label="Group"
          visible
          value={video.group_key}
          hint="e.g. the place, or the camera"
          onSay={(group_key) => onChange({ group_key })}
        />
        <p className={styles.hint}>Videos of one group are on one side, whatever they show.</p>
      </div>
    </div>
  );
}
