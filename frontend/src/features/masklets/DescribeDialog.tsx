import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { keys } from "@/api/keys";
import type { Masklet } from "@/api/models";
import { getVideo } from "@/api/videos";
import { Description } from "@/describe/Description";
import { useDescription } from "@/describe/useDescription";
import { Button, Dialog, Fetched } from "@/ui";

/** Says what an object is, away from the desk. Each answer is saved as it is given. */
export function DescribeDialog({ masklet, onClose }: { masklet: Masklet; onClose: () => void }) {
  const [shown, setShown] = useState(masklet);
  const described = useDescription(shown, setShown);
  const {
    data: video,
    error,
    refetch,
  } = useQuery({ queryKey: keys.video(masklet.video), queryFn: () => getVideo(masklet.video) });
  return (
    <Dialog
      title={`Object ${masklet.object_id} of ${masklet.video_name}`}
      onClose={onClose}
      footer={<Button onClick={onClose}>Done</Button>}
    >
      <Fetched what="the video" error={error} there={video !== undefined} onRetry={() => void refetch()} />
      {video && <Description described={described} count={video.frame_count ?? 1} />}
    </Dialog>
  );
}
