import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ban, Check, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Project, Round, VerdictValue } from "@/api/models";
import { decide, getHistory } from "@/api/verification";
import { formatAgo, plural } from "@/lib/format";
import { useIdParam } from "@/lib/useIdParam";
import { Button, ButtonLink, ErrorNote, MaskletChip, Section, TextArea, Working } from "@/ui";

import { Steps } from "./Steps";
import styles from "./QualityPage.module.css";

/** One masklet with everything that was said about it, and the owner's word. */
export function DecisionPage({ project }: { project: Project }) {
  const id = useIdParam("maskletId");
  const { data, error } = useQuery({ queryKey: keys.history(id), queryFn: () => getHistory(id) });
  if (error) return <ErrorNote title="The history could not be loaded" error={error} />;
  if (!data) return <Working fill>Loading the history</Working>;
  const { masklet, rounds, steps, revisions } = data;
  return (
    <>
      <Section
        title={`${masklet.label || `Object ${masklet.object_id}`} of ${masklet.video_name}`}
        level={1}
        actions={<ButtonLink to={`/videos/${masklet.video}`}>Look at the video</ButtonLink>}
      >
        <p>
          <MaskletChip status={masklet.status} /> {plural(revisions.length, "revision")},{" "}
          {plural(rounds.length, "round")} of verification
        </p>
        {masklet.status === "in_verification" && <Decide masklet={id} project={project.id} />}
      </Section>
      <Section title="What was said">
        <ol className={styles.rounds}>
          {rounds.map((round) => (
            <RoundCard key={round.number} round={round} />
          ))}
        </ol>
      </Section>
      <Section title="What happened">
        <Steps steps={steps} />
      </Section>
    </>
  );
}

function RoundCard({ round }: { round: Round }) {
  const { number, revision, annotator, outcome, escalated, verdicts } = round;
  return (
    <li className={styles.round}>
      <h3>
        Round {number}: {escalated ? "an owner was asked" : outcome || "open"}
      </h3>
      <p className={styles.quiet}>
        Revision {revision}
        {annotator && `, submitted by ${annotator}`}
      </p>
      <ul className={styles.verdicts}>
        {verdicts.map(({ id, verdict, by, person, comment, pins, created_at }) => (
          <li key={id}>
            <strong>{verdict}</strong>, {person ?? by}, {formatAgo(created_at)}
            {comment && `: ${comment}`}
            {pins.map((pin) => (
              <div key={pin.frame_idx} className={styles.quiet}>
                frame {pin.frame_idx + 1}: {pin.note || "drawn"}
              </div>
            ))}
          </li>
        ))}
      </ul>
    </li>
  );
}

function Decide({ masklet, project }: { masklet: number; project: number }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [comment, setComment] = useState("");
  const [key] = useState(newIdempotencyKey);
  const say = useMutation({
    mutationFn: (verdict: VerdictValue) =>
      decide(masklet, { verdict, comment: comment.trim(), reasons: [] }, `${key}-${verdict}`.slice(0, 64)),
    onSuccess: async () => {
      void client.invalidateQueries({ queryKey: keys.masklets });
      void client.invalidateQueries({ queryKey: keys.quality(project) });
      await navigate(`/projects/${project}/quality`);
    },
  });
  const button = (verdict: VerdictValue, text: string, icon: typeof Check) => (
    <Button
      icon={icon}
      busy={say.isPending && say.variables === verdict && "Saving"}
      onClick={() => say.mutate(verdict)}
    >
      {text}
    </Button>
  );
  return (
    <div className={styles.decide}>
      <TextArea
        label="Your word"
        hint="Whoever refines it reads this. Your verdict counts alone."
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      <div className={styles.buttons}>
        {button("satisfactory", "Satisfactory", Check)}
        {button("unsatisfactory", "Unsatisfactory", RotateCcw)}
        {button("reject", "Reject", Ban)}
      </div>
      {say.error && <ErrorNote title="The verdict was not saved" error={say.error} />}
    </div>
  );
}
