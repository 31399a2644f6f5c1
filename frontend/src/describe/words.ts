import type { Attribute, AttributeValue, FrameAttribute } from "@/api/models";

/** "yes", "occluded", "3.5": a value as it is read. */
export const worded = (value: AttributeValue): string =>
  typeof value === "boolean" ? (value ? "yes" : "no") : String(value);

/** What can be said of an attribute that has a list of answers; null where it is written. */
export function answersOf({ kind, choices }: Attribute): { value: string; label: string }[] | null {
  if (kind === "choice") return choices.map((value) => ({ value, label: value }));
  if (kind === "tick") return ["yes", "no"].map((value) => ({ value, label: value }));
  return null;
}

/** What was chosen or written, as the attribute keeps it; null where that says nothing. */
export function valueOf({ kind }: Attribute, text: string): AttributeValue | null {
  if (text === "") return null;
  if (kind === "tick") return text === "yes";
  if (kind !== "number") return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** The attributes that are offered, and those that were said before they were retired. */
export const offered = (attributes: readonly Attribute[], said: Record<string, AttributeValue>) =>
  attributes.filter(({ name, retired }) => !retired || name in said);

/** By their first frame. */
export const inOrder = (stretches: readonly FrameAttribute[]): FrameAttribute[] =>
  [...stretches].sort((a, b) => a.first - b.first || a.last - b.last || a.name.localeCompare(b.name));

/** What is said of an object beside its label, in a line: "pose: lying · occluded on some frames". */
export function summed(attributes: Record<string, AttributeValue>, stretches: readonly FrameAttribute[]) {
  const said = Object.entries(attributes).map(([name, value]) => `${name}: ${worded(value)}`);
  const some = new Set(stretches.map(({ name }) => name));
  return [...said, ...[...some].map((name) => `${name} on some frames`)].join(" · ");
}
