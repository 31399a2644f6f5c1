import type { Attribute, AttributeValue } from "@/api/models";

import { OneOf } from "./OneOf";
import { answersOf, valueOf, worded } from "./words";
import { Written } from "./Written";

const LONGEST_TEXT = 500;

export interface SaidProps {
  attribute: Attribute;
  value: AttributeValue | undefined;
  /** null: nothing is said any more. */
  onSay: (value: AttributeValue | null) => void;
}

/** What is said about one attribute: chosen, or written. */
export function Said({ attribute, value, onSay }: SaidProps) {
  const answers = answersOf(attribute);
  const text = value === undefined ? "" : worded(value);
  const say = (told: string) => onSay(valueOf(attribute, told));
  if (answers) return <OneOf label={attribute.name} answers={answers} value={text} onSay={say} />;
  return (
    <Written
      label={attribute.name}
      visible
      value={text}
      longest={LONGEST_TEXT}
      {...(attribute.kind === "number" && { inputMode: "decimal", hint: "a number" })}
      onSay={say}
    />
  );
}
