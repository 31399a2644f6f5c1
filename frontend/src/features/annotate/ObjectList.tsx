import { Check, EyeOff } from "lucide-react";
import { Link } from "react-router";

import type { Masklet } from "@/api/models";
import { colourOf } from "@/masks/colours";
import { MASKLET_WORDS, MaskletChip } from "@/ui";

import { ActionButton, ActionIcon } from "./ActionControls";
import type { Controls } from "./actions/spec";
import styles from "./ObjectList.module.css";

export interface ObjectListProps {
  masklets: readonly Masklet[];
  current: Masklet;
  /** Whether the outlines of the others are drawn. */
  others: boolean;
  controls: Controls;
}

/** The objects of this video: which one is in hand, whose turn the others are. */
export function ObjectList({ masklets, current, others, controls }: ObjectListProps) {
  return (
    <section className={styles.section} aria-label="Objects">
      <header className={styles.header}>
        <h2>Objects</h2>
        <ActionIcon control={controls.others} pressed={others} side="left" />
      </header>
      <ul className={styles.list}>
        {masklets.map((masklet) => (
          <li key={masklet.id}>
            <Row
              masklet={masklet}
              current={masklet.id === current.id}
              outlined={others && masklet.status === "accepted"}
            />
          </li>
        ))}
      </ul>
      <ActionButton control={controls["new-object"]} small variant="quiet" withKey>
        New object
      </ActionButton>
    </section>
  );
}

const OPEN = ["selected", "needs_refinement", "annotating"];

function Row({ masklet, current, outlined }: { masklet: Masklet; current: boolean; outlined: boolean }) {
  const { id, object_id, label, status, annotator } = masklet;
  const body = (
    <>
      <span className={styles.swatch} style={{ background: colourOf(object_id) }} aria-hidden>
        {current && <Check size={11} strokeWidth={3.5} />}
      </span>
      <span className={styles.number}>{object_id}</span>
      <span className={styles.label}>{label || "object"}</span>
      {!outlined && !current && status === "accepted" && (
        <EyeOff size={13} aria-label="outline hidden" className={styles.off} />
      )}
      <MaskletChip status={status} />
    </>
  );
  if (current) {
    return (
      <div className={styles.row} aria-current="true">
        {body}
      </div>
    );
  }
  if (!OPEN.includes(status)) return <div className={styles.row}>{body}</div>;
  const who = status === "annotating" && annotator ? ` by ${annotator}` : "";
  return (
    <Link to={`/annotate/${id}`} className={styles.row} title={`${MASKLET_WORDS[status].text}${who}`}>
      {body}
    </Link>
  );
}
