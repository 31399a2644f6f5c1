import { Undo2 } from "lucide-react";
import { useEffect, useState } from "react";

import type { VerdictValue } from "@/api/models";
import { Button } from "@/ui";

import { secondsLeft, type Undoable } from "./undoable";
import styles from "./UndoOffer.module.css";

export interface UndoOfferProps {
  undoable: Undoable;
  busy: boolean;
  /** Why it could not be taken back. */
  refusal: string | null;
  onUndo: () => void;
  onOver: () => void;
}

const WORDS: Record<VerdictValue, string> = {
  satisfactory: "satisfactory",
  unsatisfactory: "unsatisfactory",
  reject: "rejected",
};

/** The verdict just given, for as long as it can be taken back. */
export function UndoOffer({ undoable, busy, refusal, onUndo, onOver }: UndoOfferProps) {
  const [left, setLeft] = useState(() => secondsLeft(undoable, Date.now()));
  useEffect(() => {
    const timer = setInterval(() => {
      const now = secondsLeft(undoable, Date.now());
      setLeft(now);
      if (now === 0) onOver();
    }, 1000);
    return () => clearInterval(timer);
  }, [undoable, onOver]);
  return (
    <div className={styles.offer} role="status">
      <span>
        {undoable.name}: <strong>{WORDS[undoable.value]}</strong>
        {refusal && <span className={styles.refusal}> {refusal}</span>}
      </span>
      <Button small variant="quiet" icon={Undo2} shortcut="Z" busy={busy && "Taking back"} onClick={onUndo}>
        <span aria-hidden>Undo ({left} s)</span>
        <span className="visually-hidden">Undo</span>
      </Button>
    </div>
  );
}
