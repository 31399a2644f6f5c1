import { useState } from "react";

import type { Video } from "@/api/models";
import { changeVideos } from "@/api/videos";
import { Button, Segments } from "@/ui";

import { Failed } from "./Failed";
import { useChosen, type ChosenProps } from "./useChosen";
import { ENVIRONMENTS, SPLITS } from "./words";

const ANSWERS = {
  split: [...SPLITS, { value: "", label: "by its group" }],
  environment: [...ENVIRONMENTS, { value: "", label: "not said" }],
} as const;

/** On which side of the datasets the chosen videos are, or where they were filmed. */
export function ChosenSaid({ what, ...props }: ChosenProps & { what: keyof typeof ANSWERS }) {
  const [choice, setChoice] = useState<string>(props.videos[0][what]);
  const { apply, tooMany } = useChosen<string>(props, (project, videos, said) =>
    changeVideos(project, { videos, [what]: said }),
  );
  const same = props.videos.every((video: Video) => video[what] === choice);
  return (
    <>
      <Segments
        label={what === "split" ? "Split" : "Environment"}
        options={ANSWERS[what]}
        value={choice}
        onChange={setChoice}
      />
      <Button
        small
        onClick={() => apply.mutate(choice)}
        busy={apply.isPending && "Saving"}
        disabledReason={same ? "They have it already" : tooMany}
      >
        Apply
      </Button>
      <Failed error={apply.error} />
    </>
  );
}
