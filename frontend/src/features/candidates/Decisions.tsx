import { Undo2 } from "lucide-react";
import { useState } from "react";

import type { Candidate, Project } from "@/api/models";
import { plural } from "@/lib/format";
import { Button, ErrorNote, Key, useActions } from "@/ui";

import { choices, waiting } from "./choices";
import styles from "./Decisions.module.css";
import { RefineDialog } from "./RefineDialog";
import type { useDecisions } from "./useDecisions";

export interface DecisionsProps {
  project: Project;
  /** Those that are ticked, or else the focused one. */
  meant: readonly Candidate[];
  decisions: ReturnType<typeof useDecisions>;
}

const KEYS = "Decide";

/** What can be done with the candidates that are meant, with the keys of the review page. */
export function Decisions({ project: { roles }, meant, decisions }: DecisionsProps) {
  const [refining, setRefining] = useState(false);
  const { decide, undo, done } = decisions;
  const offered = choices({ roles, meant, decide, refine: () => setRefining(true) });
  const cannotUndo = done?.verdicts.length ? undefined : "There is no verdict to take back.";
  useActions([
    ...offered.map(({ name, text, key, off, act }) => ({
      name,
      label: text,
      keys: [key],
      group: KEYS,
      disabled: off,
      perform: act,
    })),
    {
      name: "undo",
      label: "Take the last verdicts back",
      keys: ["Z", "Ctrl+Z"],
      group: KEYS,
      disabled: cannotUndo,
      perform: undo,
    },
  ]);
  return (
    <div className={styles.bar}>
      <div className={styles.buttons} role="group" aria-label={KEYS}>
        <span className={styles.count}>
          {meant.length === 0 ? "None chosen" : plural(meant.length, "candidate")}
        </span>
        {offered.map(({ name, text, key, icon, off, act }) => (
          <Button key={name} small icon={icon} shortcut={key} disabledReason={off} onClick={act}>
            {text}
          </Button>
        ))}
        <Keys />
      </div>
      <Told decisions={decisions} />
      {refining && (
        <RefineDialog
          count={waiting(meant).length}
          onClose={() => setRefining(false)}
          onGive={(reasons, comment) => {
            setRefining(false);
            const verdict = { verdict: "unsatisfactory", reasons, comment } as const;
            decide({ what: "verdict", verdict }, waiting(meant));
          }}
        />
      )}
    </div>
  );
}

/** How to choose by keys: what is decided then holds for all that are chosen. */
function Keys() {
  const known = [
    ["X", "choose"],
    ["A", "all"],
    ["Escape", "none"],
    ["K", "previous"],
    ["L", "next"],
  ] as const;
  return (
    <span className={styles.keys}>
      {known.map(([key, text]) => (
        <span key={key} className={styles.key}>
          <Key name={key} /> {text}
        </span>
      ))}
    </span>
  );
}

/** What became of the last decision, and the way back. */
function Told({ decisions: { done, busy, error, undo } }: Pick<DecisionsProps, "decisions">) {
  return (
    <>
      <div className={styles.told} role="status">
        {busy && "Saving"}
        {done && !busy && <span>{done.words}</span>}
        {done && !busy && done.verdicts.length > 0 && (
          <Button small variant="quiet" icon={Undo2} shortcut="Z" onClick={undo}>
            Undo
          </Button>
        )}
      </div>
      {done && done.refused.length > 0 && (
        <ErrorNote title="Some got no verdict" error={new Error(done.refused.join(" "))} />
      )}
      {error && <ErrorNote title="It was not saved" error={error} />}
    </>
  );
}
