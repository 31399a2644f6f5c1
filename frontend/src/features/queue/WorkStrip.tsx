import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Eye, Layers, PencilLine } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useNavigate } from "react-router";

import { nextToAnnotate } from "@/api/assignments";
import { keys } from "@/api/keys";
import type { Project } from "@/api/models";
import { nextToReview, reviewTogether } from "@/api/reviews";
import { remember } from "@/lib/holding";
import { Button, ErrorNote, useActions } from "@/ui";

import styles from "./WorkStrip.module.css";

/** Takes the next masklet of either queue. */
function useNext({ id }: Project) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const refresh = () => void client.invalidateQueries({ queryKey: keys.project(id) });

  const annotate = useMutation({
    mutationFn: () => nextToAnnotate(id),
    onSuccess: async (claim) => {
      if (!claim) return refresh();
      remember("assignment", claim.assignment);
      await navigate(`/annotate/${claim.masklet.id}`);
    },
  });
  const review = useMutation({
    mutationFn: () => nextToReview(id),
    onSuccess: async (claim) => {
      if (!claim) return refresh();
      remember("review", claim);
      await navigate(`/reviews/${claim.id}`);
    },
  });
  const together = useMutation({
    mutationFn: () => reviewTogether(id),
    onSuccess: async ({ reviews }) => {
      if (reviews.length === 0) return refresh();
      for (const claim of reviews) remember("review", claim);
      await navigate(`/reviews/together/${reviews.map((claim) => claim.id).join("-")}`);
    },
  });
  return { annotate, review, together };
}

const ANNOTATE = { name: "annotate-next", label: "Annotate next", keys: ["A"], group: "Project" };
const TOGETHER = { name: "review-together", label: "Review a video", keys: ["Shift+R"], group: "Project" };
const REVIEW = { name: "review-next", label: "Review next", keys: ["R"], group: "Project" };

const refusalFor = (may: boolean, people: string) =>
  may ? undefined : `Only ${people} of this project can take this. Ask an owner for the role.`;

/** Four numbers of a project, and the two queues behind them. */
export function WorkStrip({ project }: { project: Project }) {
  const { counts, roles } = project;
  const { annotate, review, together } = useNext(project);
  const annotates = roles.includes("annotator");
  const reviews = roles.includes("reviewer");
  const first =
    annotates && counts.to_annotate > 0
      ? "annotate"
      : reviews && (counts.to_verify ?? 1) > 0
        ? "review"
        : undefined;
  const noAnnotation = refusalFor(annotates, "annotators");
  const noReview = refusalFor(reviews, "reviewers");
  useActions([
    { ...ANNOTATE, disabled: noAnnotation, perform: () => annotate.mutate() },
    { ...REVIEW, disabled: noReview, perform: () => review.mutate() },
    { ...TOGETHER, disabled: noReview, perform: () => together.mutate() },
  ]);

  return (
    <section className={styles.strip} aria-label="Work">
      <Count value={counts.videos} label="videos" />
      <Count
        value={counts.to_annotate}
        label="to annotate"
        to="masklets?status=to_annotate"
        note={
          annotate.data === undefined &&
          annotate.isSuccess &&
          "Nothing waits for you here. Open a video and add an object, or come back later."
        }
        error={annotate.error}
      >
        <Button
          variant={first === "annotate" ? "primary" : "secondary"}
          icon={PencilLine}
          shortcut="A"
          onClick={() => annotate.mutate()}
          busy={annotate.isPending && "Claiming a masklet"}
          disabledReason={noAnnotation}
        >
          Annotate next
        </Button>
      </Count>
      <Count
        value={counts.to_verify}
        label="to verify"
        to="masklets?status=in_verification"
        note={
          ((review.data === undefined && review.isSuccess) || together.data?.reviews.length === 0) &&
          "Nothing waits for you here. Your own masklets are reviewed by somebody else."
        }
        error={review.error ?? together.error}
      >
        <Button
          variant={first === "review" ? "primary" : "secondary"}
          icon={Eye}
          shortcut="R"
          onClick={() => review.mutate()}
          busy={review.isPending && "Claiming a masklet"}
          disabledReason={noReview}
        >
          Review next
        </Button>
        <Button
          variant="quiet"
          icon={Layers}
          shortcut="Shift+R"
          onClick={() => together.mutate()}
          busy={together.isPending && "Claiming masklets"}
          disabledReason={noReview}
        >
          A video at once
        </Button>
      </Count>
      <Count value={counts.accepted} label="accepted" to="masklets?status=accepted" />
    </section>
  );
}

interface CountProps {
  /** Null where it is not told. */
  value: number | null;
  label: string;
  /** The rows behind the number. */
  to?: string;
  note?: string | false;
  error?: Error | null;
  children?: ReactNode;
}

function Count({ value, label, to, note, error, children }: CountProps) {
  const words = (
    <>
      {value !== null && <span className={styles.number}>{value.toLocaleString("en")}</span>} {label}
    </>
  );
  return (
    <div className={styles.count}>
      <div className={styles.line}>
        {to ? (
          <Link to={to} className={styles.words}>
            {words}
          </Link>
        ) : (
          <span className={styles.words}>{words}</span>
        )}
        {children}
      </div>
      {note && (
        <p className={styles.note} role="status">
          {note}
        </p>
      )}
      {error && <ErrorNote error={error} />}
    </div>
  );
}
