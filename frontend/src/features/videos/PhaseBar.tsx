import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { keys } from "@/api/keys";
import { PHASES, type Phase, type Project, type Video } from "@/api/models";
import { setVideosPhase } from "@/api/projects";
import { plural } from "@/lib/format";
import { Button, Segments } from "@/ui";

import styles from "./PhaseBar.module.css";

type Choice = "project" | `${Phase}`;

/** What can be done with the videos that are chosen; it stands in the place of the filters. */
export function PhaseBar({
  project,
  videos,
  onDone,
}: {
  project: Project;
  videos: readonly Video[];
  onDone: () => void;
}) {
  const client = useQueryClient();
  const [choice, setChoice] = useState<Choice>(() => inForce(videos[0]));
  const apply = useMutation({
    mutationFn: () =>
      setVideosPhase(
        project.id,
        PHASES.find((phase) => String(phase) === choice) ?? null,
        videos.map(({ id }) => id),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.videos });
      onDone();
    },
  });
  const same = videos.every((video) => inForce(video) === choice);
  return (
    <div className={styles.bar} role="group" aria-label="The chosen videos">
      <span className={styles.words}>
        <strong>{plural(videos.length, "video")}</strong>, new objects in
      </span>
      <Segments
        label="Phase of new objects"
        options={[
          { value: "project", label: `the project’s phase (${project.phase})` },
          ...PHASES.map((phase) => ({ value: `${phase}` as const, label: `phase ${phase}` })),
        ]}
        value={choice}
        onChange={setChoice}
      />
      <Button
        small
        onClick={() => apply.mutate()}
        busy={apply.isPending && "Setting the phase"}
        disabledReason={same ? "They have it already" : undefined}
      >
        Apply
      </Button>
      <Button small variant="quiet" onClick={onDone}>
        Clear choice
      </Button>
      {apply.error && (
        <span role="alert" className={styles.failed}>
          {apply.error.message}
        </span>
      )}
    </div>
  );
}

const inForce = ({ phase }: Video): Choice => (phase === null ? "project" : (`${phase}` as Choice));
