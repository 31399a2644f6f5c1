import { Plus } from "lucide-react";
import { useState, type FormEvent } from "react";

import type { Attribute, AttributeValue, FrameAttribute } from "@/api/models";
import { Button, SelectField } from "@/ui";

import { Between, framesBetween, type Range } from "./Between";
import styles from "./describe.module.css";
import { Said } from "./Said";

export interface NewStretchProps {
  attributes: readonly Attribute[];
  /** Frames of the video. */
  count: number;
  /** The frame on show, from 0; the whole video where there is none. */
  frame?: number | undefined;
  onAdd: (said: FrameAttribute) => void;
  onClose: () => void;
}

/** Says an attribute of some frames alone. */
export function NewStretch({ attributes, count, frame, onAdd, onClose }: NewStretchProps) {
  const [name, setName] = useState(attributes[0]?.name ?? "");
  const [value, setValue] = useState<AttributeValue | null>(null);
  const [range, setRange] = useState<Range>({
    first: String((frame ?? 0) + 1),
    last: String((frame ?? count - 1) + 1),
  });
  const attribute = attributes.find((known) => known.name === name);
  const frames = framesBetween(range, count);
  const problem =
    typeof frames === "string" ? frames : value === null ? `Say what ${name} is there.` : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typeof frames === "string" || value === null) return;
    onAdd({ name, value, ...frames });
    onClose();
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label="Said of some frames">
      <SelectField
        label="Attribute"
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          setValue(null);
        }}
      >
        {attributes.map((known) => (
          <option key={known.id}>{known.name}</option>
        ))}
      </SelectField>
      {attribute && (
        <Said key={name} attribute={attribute} value={value ?? undefined} onSay={(said) => setValue(said)} />
      )}
      <Between range={range} count={count} onChange={setRange} />
      <div className={styles.row}>
        <Button small type="submit" icon={Plus} disabledReason={problem}>
          Add
        </Button>
        <Button small variant="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
