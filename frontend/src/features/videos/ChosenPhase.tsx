import { useState } from "react";

import { PHASES, type Phase, type Video } from "@/api/models";
import { setVideosPhase } from "@/api/projects";
import { Button, Segments } from "@/ui";

import { Failed } from "./Failed";
import { useChosen, type ChosenProps } from "./useChosen";

type Choice = "project" | `${Phase}`;

/** In which phase new objects of the chosen videos are made. */
export function ChosenPhase(props: ChosenProps) {
  const { project, videos } = props;
  const [choice, setChoice] = useState<Choice>(() => inForce(videos[0]));
  const { apply, tooMany } = useChosen<Phase | null>(props, (project, ids, phase) =>
    setVideosPhase(project, phase, ids),
  );
  const same = videos.every((video) => inForce(video) === choice);
  return (
    <>
      <Segments
        label="Phase of new objects"
        options={[
          { value: "project", label: `the project’s (${project.phase})` },
          ...PHASES.map((phase) => ({ value: `${phase}` as const, label: `phase ${phase}` })),
        ]}
        value={choice}
        onChange={setChoice}
      />
      <Button
        small
        onClick={() => apply.mutate(PHASES.find((phase) => String(phase) === choice) ?? null)}
        busy={apply.isPending && "Setting the phase"}
        disabledReason={same ? "They have it already" : tooMany}
      >
        Apply
      </Button>
      <Failed error={apply.error} />
    </>
  );
}

const inForce = ({ phase }: Video): Choice => (phase === null ? "project" : (`${phase}` as Choice));
