import { ArchiveRestore, Ban, Check, RotateCcw, Trash2, Undo2 } from "lucide-react";
import { useState } from "react";

import type { Candidate, Project } from "@/api/models";
import { plural } from "@/lib/format";
import { Button, ErrorNote, useActions } from "@/ui";

import styles from "./Decisions.module.css";
import { RefineDialog } from "./RefineDialog";
import type { useDecisions } from "./useDecisions";
import { fell } from "./words";

export interface DecisionsProps {
  project: Project;
  /** Those that are ticked, or else the focused one. */
  meant: readonly Candidate[];
  decisions: ReturnType<typeof useDecisions>;
}

/** What can be done with the candidates that are meant, with the keys of the review page. */
export function Decisions({ project: { roles }, meant, decisions }: DecisionsProps) {
  const [refining, setRefining] = useState(false);
  const { decide, undo, done, error, busy } = decisions;
  const waiting = meant.filter(({ status }) => status === "in_verification").map(({ id }) => id);
  const fallen = meant.filter(fell).map(({ id }) => id);
  const cannotJudge = refusal(
    roles.includes("reviewer"),
    "reviewers",
    waiting.length > 0,
    "wait for a verdict",
  );
  const cannotBring = refusal(roles.includes("owner"), "owners", fallen.length > 0, "fell");
  const cannotDismiss = refusal(roles.includes("owner"), "owners", waiting.length > 0, "wait for a verdict");
  const judge = (verdict: "satisfactory" | "reject") =>
    decide({ what: "verdict", verdict: { verdict } }, waiting);
  const buttons = [
    {
      name: "satisfactory",
      text: "Satisfactory",
      key: "S",
      icon: Check,
      off: cannotJudge,
      act: () => judge("satisfactory"),
    },
    {
      name: "unsatisfactory",
      text: "Unsatisfactory",
      key: "U",
      icon: RotateCcw,
      off: cannotJudge,
      act: () => setRefining(true),
    },
    { name: "reject", text: "Reject", key: "J", icon: Ban, off: cannotJudge, act: () => judge("reject") },
    {
      name: "bring-back",
      text: "Bring back",
      key: "B",
      icon: ArchiveRestore,
      off: cannotBring,
      act: () => decide({ what: "bring back" }, fallen),
    },
    {
      name: "dismiss",
      text: "Dismiss",
      key: "Delete",
      icon: Trash2,
      off: cannotDismiss,
      act: () => decide({ what: "dismiss" }, waiting),
    },
  ];
  const cannotUndo = done?.verdicts.length ? undefined : "There is no verdict to take back.";
  useActions([
    ...buttons.map(({ name, text, key, off, act }) => ({
      name,
      label: text,
      keys: [key],
      group: "Decide",
      disabled: off,
      perform: act,
    })),
    {
      name: "undo",
      label: "Take the last verdicts back",
      keys: ["Z", "Ctrl+Z"],
      group: "Decide",
      disabled: cannotUndo,
      perform: undo,
    },
  ]);
  return (
    <div className={styles.bar}>
      <div className={styles.buttons} role="group" aria-label="Decide">
        <span className={styles.count}>
          {meant.length === 0 ? "None chosen" : plural(meant.length, "candidate")}
        </span>
        {buttons.map(({ name, text, key, icon, off, act }) => (
          <Button key={name} small icon={icon} shortcut={key} disabledReason={off} onClick={act}>
            {text}
          </Button>
        ))}
      </div>
      <div className={styles.told} role="status">
        {busy && "Saving"}
        {done && !busy && (
          <>
            <span>{done.words}</span>
            {done.verdicts.length > 0 && (
              <Button small variant="quiet" icon={Undo2} shortcut="Z" onClick={undo}>
                Undo
              </Button>
            )}
          </>
        )}
      </div>
      {done && done.refused.length > 0 && (
        <ErrorNote title="Some got no verdict">{done.refused.join(" ")}</ErrorNote>
      )}
      {error && <ErrorNote title="It was not saved" error={error} />}
      {refining && (
        <RefineDialog
          count={waiting.length}
          onClose={() => setRefining(false)}
          onGive={(reasons, comment) => {
            setRefining(false);
            decide({ what: "verdict", verdict: { verdict: "unsatisfactory", reasons, comment } }, waiting);
          }}
        />
      )}
    </div>
  );
}

/** Why a decision cannot be made now. */
const refusal = (may: boolean, who: string, some: boolean, what: string): string | undefined =>
  may
    ? some
      ? undefined
      : `None of those that are meant ${what}.`
    : `Only ${who} of this project decide that.`;
