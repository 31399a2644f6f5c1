import { useState } from "react";

import { plural } from "@/lib/format";
import { Button, Segments } from "@/ui";

import { ChosenPhase } from "./ChosenPhase";
import { ChosenSaid } from "./ChosenSaid";
import { ChosenTags } from "./ChosenTags";
import styles from "./ChosenBar.module.css";
import type { ChosenProps } from "./useChosen";

const WHAT = [
  { value: "phase", label: "Phase" },
  { value: "split", label: "Split" },
  { value: "environment", label: "Environment" },
  { value: "tags", label: "Tags" },
] as const;

type What = (typeof WHAT)[number]["value"];

/** What can be done with the videos that are chosen; it stands in the place of the filters. */
export function ChosenBar(props: ChosenProps) {
  const [what, setWhat] = useState<What>("phase");
  return (
    <div className={styles.bar} role="group" aria-label="The chosen videos">
      <strong className={styles.words}>{plural(props.videos.length, "video")}</strong>
      <Segments label="What to set" options={WHAT} value={what} onChange={setWhat} />
      {what === "phase" && <ChosenPhase {...props} />}
      {(what === "split" || what === "environment") && <ChosenSaid key={what} what={what} {...props} />}
      {what === "tags" && <ChosenTags {...props} />}
      <Button small variant="quiet" onClick={props.onDone}>
        Clear choice
      </Button>
    </div>
  );
}
