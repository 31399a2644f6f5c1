import { Plus } from "lucide-react";
import { useState, type FormEvent } from "react";

import type { Stretch } from "@/api/models";
import { Between, framesBetween } from "@/describe/Between";
import { Stretches } from "@/describe/Stretches";
import { Button, TextField } from "@/ui";

import styles from "./VideoInDatasets.module.css";

export interface FrameTagsProps {
  tags: readonly Stretch[];
  /** Annotated frames of the video. */
  count: number;
  onChange: (tags: Stretch[]) => void;
}

/** What a stretch of a video shows. */
export function FrameTags({ tags, count, onChange }: FrameTagsProps) {
  const whole = { first: "1", last: String(count) };
  const [name, setName] = useState("");
  const [range, setRange] = useState(whole);
  const frames = framesBetween(range, count);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typeof frames === "string") return;
    onChange([...tags, { name: name.trim(), ...frames }]);
    setName("");
    setRange(whole);
  };
  return (
    <form className={styles.list} onSubmit={submit} aria-label="Tags of frames">
      <Stretches
        label="Tags of frames"
        stretches={[...tags].sort((a, b) => a.first - b.first || a.last - b.last)}
        words={(tag) => tag.name}
        onRemove={(gone) => onChange(tags.filter((kept) => kept !== gone))}
      />
      <div className={styles.form}>
        <TextField
          label="Tag of some frames"
          required
          maxLength={60}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <Between range={range} count={count} onChange={setRange} />
        <Button
          small
          type="submit"
          icon={Plus}
          disabledReason={typeof frames === "string" ? frames : undefined}
        >
          Add
        </Button>
      </div>
    </form>
  );
}
