import type { VerdictReason } from "@/api/models";

interface Said {
  reasons: readonly VerdictReason[];
  comment: string;
}

/** "Drifts off the object, flickers: look at the tail" */
export function said(
  { reasons, comment }: Said,
  words: readonly { code: VerdictReason; text: string }[],
): string {
  const texts = reasons.map((code) => words.find((reason) => reason.code === code)?.text ?? code);
  const named = texts.map((text, n) => (n ? text.toLowerCase() : text)).join(", ");
  return [named, comment].filter(Boolean).join(": ");
}
