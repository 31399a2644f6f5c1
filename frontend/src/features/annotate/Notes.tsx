import { CircleAlert, MessageSquareWarning, PlugZap, X } from "lucide-react";
import type { ReactNode } from "react";

import type { LastVerdict } from "@/api/models";
import { formatAgo } from "@/lib/format";
import { Button, IconButton } from "@/ui";

import styles from "./Notes.module.css";
import type { Trouble } from "./workbench";

/** What the reviewer asked for; stays in view while it is refined. */
export function ToRefine({ verdict }: { verdict: LastVerdict }) {
  return (
    <section className={styles.refine} aria-label="What to refine">
      <h2>
        <MessageSquareWarning size={16} aria-hidden />
        To refine
      </h2>
      <p className={styles.comment}>{verdict.comment || "The reviewer left no comment."}</p>
      <p className={styles.by}>
        {verdict.reviewer}, {formatAgo(verdict.created_at)}
      </p>
    </section>
  );
}

export function TroubleNote({ trouble, onDismiss }: { trouble: Trouble; onDismiss: () => void }) {
  return (
    <Banner icon={<CircleAlert size={18} aria-hidden />} title={trouble.title} text={trouble.text}>
      <IconButton icon={X} label="Dismiss" onClick={onDismiss} />
    </Banner>
  );
}

export interface LeaseLostProps {
  revision: number;
  unsent: number;
  /** Why it could not be claimed again. */
  refusal: string | null;
  elsewhere: boolean;
  busy: boolean;
  onClaim: (takeover: boolean) => void;
}

export function LeaseLost({ revision, unsent, refusal, elsewhere, busy, onClaim }: LeaseLostProps) {
  const saved = revision > 0 ? `Everything up to revision ${revision} is saved.` : "Nothing was lost.";
  const waiting =
    unsent > 0
      ? ` ${unsent === 1 ? "One prompt is" : `${unsent} prompts are`} kept in this tab and will be sent when you hold it again.`
      : "";
  const title = elsewhere
    ? "You went on with this masklet in another tab"
    : "This masklet is no longer yours";
  return (
    <Banner
      icon={<PlugZap size={18} aria-hidden />}
      title={title}
      text={`${refusal ?? "Editing has stopped here."} ${saved}${waiting}`}
    >
      <Button small variant="primary" busy={busy && "Claiming"} onClick={() => onClaim(elsewhere)}>
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
