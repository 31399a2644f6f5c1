import { useMutation } from "@tanstack/react-query";
import { ArrowRight, BadgeCheck, Ban, Plus, Send } from "lucide-react";
import { useNavigate } from "react-router";

import { nextToAnnotate } from "@/api/assignments";
import type { Masklet } from "@/api/models";
import { remember } from "@/lib/holding";
import { Button, ButtonLink, EmptyState, ErrorNote, PageBar, useActions } from "@/ui";

import styles from "./Done.module.css";
import type { Ending } from "./useCommands";

const ENDS = {
  submitted: {
    icon: BadgeCheck,
    title: "is submitted",
    text: "Another person will verify it. If something is to be refined, it comes back to the queue with their comment.",
  },
  "passed on": {
    icon: Send,
    title: "is passed on",
    text: "Another annotator will track it through the video.",
  },
  discarded: {
    icon: Ban,
    title: "is discarded",
    text: "It leaves the queue. Its masks and prompts are kept.",
  },
};

export interface DoneProps {
  masklet: Masklet;
  what: Exclude<Ending, "handed back">;
  onNewObject: () => void;
}

/** After the last word on a masklet: what happens to it, and the next one. */
export function Done({ masklet, what, onNewObject }: DoneProps) {
  const navigate = useNavigate();
  const next = useMutation({
    mutationFn: () => nextToAnnotate(masklet.project),
    onSuccess: async (claim) => {
      if (!claim) return;
      remember("assignment", claim.assignment);
      await navigate(`/annotate/${claim.masklet.id}`);
    },
  });
  const empty = next.isSuccess && next.data === undefined;
  useActions([
    {
      name: "next-in-queue",
      label: "Next in the queue",
      keys: ["Enter"],
      group: "Masklet",
      perform: () => next.mutate(),
    },
    {
      name: "new-object",
      label: "New object in this video",
      keys: ["N"],
      group: "Objects",
      perform: onNewObject,
    },
  ]);
  const { icon, title, text } = ENDS[what];
  return (
    <div className={styles.done}>
      <PageBar
        trail={[
          { label: "Projects", to: "/" },
          { label: masklet.video_name, to: `/videos/${masklet.video}` },
          { label: `object ${masklet.object_id}` },
        ]}
      />
      <EmptyState
        icon={icon}
        title={`Object ${masklet.object_id} ${title}`}
        action={
          <div className={styles.buttons}>
            <Button
              variant="primary"
              icon={ArrowRight}
              shortcut="Enter"
              busy={next.isPending && "Claiming the next one"}
              onClick={() => next.mutate()}
            >
              Next in the queue
            </Button>
            <Button icon={Plus} shortcut="N" onClick={onNewObject}>
              New object in this video
            </Button>
            <ButtonLink variant="quiet" to={`/videos/${masklet.video}`}>
              Back to the video
            </ButtonLink>
          </div>
        }
      >
        {text}
      </EmptyState>
      <p role="status" className={styles.status}>
        {empty && "Nothing waits in the queue now. Take a new object, or come back later."}
      </p>
      {next.error && <ErrorNote title="The next masklet could not be claimed" error={next.error} />}
    </div>
  );
}
