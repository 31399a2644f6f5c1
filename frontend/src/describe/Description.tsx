import { Plus } from "lucide-react";
import { useState } from "react";

import type { AttributeValue, FrameAttribute } from "@/api/models";
import { Button, ErrorNote, Working } from "@/ui";

import styles from "./describe.module.css";
import { LabelField } from "./LabelField";
import { NewStretch } from "./NewStretch";
import { Said } from "./Said";
import { Stretches } from "./Stretches";
import type { Described } from "./useDescription";
import { inOrder, offered, worded } from "./words";

export interface DescriptionProps {
  described: Described;
  /** Annotated frames of the video. */
  count: number;
  /** Whether the labels' keys are bound here. */
  keys?: boolean;
  /** The frame on show, from 0. */
  frame?: number;
  onGo?: (frame: number) => void;
}

/** What an object is: its label, and what is said of it on all of its frames or on some. */
export function Description({ described, count, keys = false, frame, onGo }: DescriptionProps) {
  const { vocabulary, said, say, error } = described;
  if (!vocabulary && !error) return <Working>Loading the labels</Working>;
  const attributes = vocabulary?.attributes ?? [];
  const sayOne = (name: string, value: AttributeValue | null) => {
    const others = Object.entries(said.attributes).filter(([other]) => other !== name);
    say({ attributes: Object.fromEntries(value === null ? others : [...others, [name, value]]) });
  };
  return (
    <div className={styles.description}>
      {error && <ErrorNote title="This was not saved" error={error} />}
      {vocabulary && (
        <LabelField
          labels={vocabulary.labels}
          value={said.label}
          keys={keys}
          onSay={(label) => say({ label })}
        />
      )}
      {offered(attributes, said.attributes).map((attribute) => (
        <Said
          key={attribute.id}
          attribute={attribute}
          value={said.attributes[attribute.name]}
          onSay={(value) => sayOne(attribute.name, value)}
        />
      ))}
      <OfSomeFrames
        stretches={said.frame_attributes}
        onChange={(frame_attributes) => say({ frame_attributes })}
        {...{ attributes: attributes.filter(({ retired }) => !retired), count, frame, onGo }}
      />
    </div>
  );
}

interface OfSomeFramesProps extends Pick<DescriptionProps, "count"> {
  attributes: NonNullable<Described["vocabulary"]>["attributes"];
  stretches: readonly FrameAttribute[];
  frame: number | undefined;
  onGo: ((frame: number) => void) | undefined;
  onChange: (stretches: FrameAttribute[]) => void;
}

function OfSomeFrames({ attributes, stretches, count, frame, onGo, onChange }: OfSomeFramesProps) {
  const [adding, setAdding] = useState(false);
  if (attributes.length === 0 && stretches.length === 0) return null;
  return (
    <div className={styles.field}>
      <span className={styles.name}>On some frames</span>
      <Stretches
        label="Said of some frames"
        stretches={inOrder(stretches)}
        words={({ name, value }) => `${name}: ${worded(value)}`}
        onRemove={(gone) => onChange(stretches.filter((kept) => kept !== gone))}
        onGo={onGo}
      />
      {adding ? (
        <NewStretch
          {...{ attributes, count, frame }}
          onAdd={(said) => onChange([...stretches, said])}
          onClose={() => setAdding(false)}
        />
      ) : (
        attributes.length > 0 && (
          <div>
            <Button small variant="quiet" icon={Plus} onClick={() => setAdding(true)}>
              Say of some frames
            </Button>
          </div>
        )
      )}
    </div>
  );
}
