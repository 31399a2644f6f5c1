import { useMutation } from "@tanstack/react-query";
import { CircleAlert, MessageSquareWarning, PlugZap, X } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { claimMasklet } from "@/api/assignments";
import { isApiError } from "@/api/client";
import type { Id, LastVerdict, Masklet } from "@/api/models";
import { formatAgo } from "@/lib/format";
import { remember } from "@/lib/holding";
import { Button, IconButton } from "@/ui";

import styles from "./Notes.module.css";
import { useCheckpoint } from "./useCheckpoint";
import type { Trouble, Workbench } from "./workbench";

/** What the reviewer asked for; stays in view while it is refined. */
export function ToRefine({ verdict, children }: { verdict: LastVerdict; children?: ReactNode }) {
  return (
    <section className={styles.refine} aria-label="What to refine">
      <h2>
        <MessageSquareWarning size={16} aria-hidden />
        To refine
      </h2>
      <p className={styles.comment}>{verdict.comment || "The reviewer left no comment."}</p>
      {children}
      <p className={styles.by}>
        {verdict.reviewer}, {formatAgo(verdict.created_at)}
      </p>
    </section>
  );
}

/** Which model makes the masks, where it is the small one that comes along. */
export function BuiltInModelNote({ project }: { project: Id }) {
  const checkpoint = useCheckpoint(project);
  if (!checkpoint?.built_in) return null;
  return (
    <p className={styles.quiet}>
      Small built-in model. An owner can choose SAM 2.1 in{" "}
      <Link to={`/projects/${project}/checkpoints`}>Checkpoints</Link>.
    </p>
  );
}

export function TroubleNote({ trouble, onDismiss }: { trouble: Trouble; onDismiss: () => void }) {
  return (
    <Banner icon={<CircleAlert size={18} aria-hidden />} title={trouble.title} text={trouble.text}>
      <IconButton icon={X} label="Dismiss" onClick={onDismiss} />
    </Banner>
  );
}

export interface LeaseLostNoteProps {
  bench: Workbench;
  masklet: Masklet;
  /** Prompts that wait in this tab. */
  unsent: number;
}

/** The lease is gone: what is safe, and how to go on. */
export function LeaseLostNote({ bench, masklet, unsent }: LeaseLostNoteProps) {
  const claim = useMutation({
    mutationFn: (takeover: boolean) => claimMasklet(masklet.id, takeover),
    onSuccess: async ({ masklet: mine, assignment }) => {
      remember("assignment", assignment);
      await bench.resume(mine, assignment);
    },
  });
  const elsewhere = isApiError(claim.error, "open_in_another_tab");
  const { revision } = masklet;
  const saved = revision > 0 ? `Everything up to revision ${revision} is saved.` : "Nothing was lost.";
  const kept = unsent === 1 ? "One prompt is" : `${unsent} prompts are`;
  const waiting = unsent > 0 ? ` ${kept} kept in this tab and will be sent when you hold it again.` : "";
  const refusal = (!elsewhere && claim.error?.message) || "Editing has stopped here.";
  return (
    <Banner
      icon={<PlugZap size={18} aria-hidden />}
      title={elsewhere ? "You went on with this masklet in another tab" : "This masklet is no longer yours"}
      text={`${refusal} ${saved}${waiting}`}
    >
      <Button
        small
        variant="primary"
        busy={claim.isPending && "Claiming"}
        onClick={() => claim.mutate(elsewhere)}
      >
        {elsewhere ? "Take over here" : "Claim again"}
      </Button>
    </Banner>
  );
}

function Banner({
  icon,
  title,
  text,
  children,
}: {
  icon: ReactNode;
  title: string;
  text: string;
  children: ReactNode;
}) {
  return (
    <div className={styles.banner} role="alert">
      {icon}
      <div className={styles.text}>
        <strong>{title}</strong>
        <p>{text}</p>
      </div>
      {children}
    </div>
  );
}
