import type { Label } from "@/api/models";

import { OneOf } from "./OneOf";
import { Written } from "./Written";

/** The key that gives a label at the desk. */
export const keyOf = ({ key }: Label): string | undefined => (key ? `Shift+${key}` : undefined);

export interface LabelFieldProps {
  labels: readonly Label[];
  value: string;
  /** Whether the labels' keys are bound here. */
  keys: boolean;
  onSay: (label: string) => void;
}

/** What an object is called: one of the project's labels, or any word where it has no list. */
export function LabelField({ labels, value, keys, onSay }: LabelFieldProps) {
  const offered = labels.filter(({ retired }) => !retired);
  if (offered.length === 0)
    return <Written label="Label" visible value={value} hint="what it is" onSay={onSay} />;
  // Those with a key first, so that all keys are seen.
  const listed = [...offered].sort(
    (a, b) => (a.key || "x").localeCompare(b.key || "x") || a.number - b.number,
  );
  return (
    <OneOf
      label="Label"
      answers={listed.map((label) => ({
        value: label.name,
        label: label.name,
        colour: label.color,
        shortcut: keys && label.key ? `⇧${label.key}` : undefined,
      }))}
      value={value}
      onSay={onSay}
    />
  );
}
