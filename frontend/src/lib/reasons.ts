/** What a reviewer may ask to refine; the codes are the server's. */
export const REASONS = [
  { code: "misses_parts", text: "Misses parts" },
  { code: "leaks", text: "Leaks onto something else" },
  { code: "drifts", text: "Drifts off the object" },
  { code: "flickers", text: "Flickers" },
  { code: "wrong_when_hidden", text: "Wrong when hidden" },
  { code: "wrong_object", text: "Wrong object" },
  { code: "other", text: "Something else" },
] as const;

export type Reason = (typeof REASONS)[number]["code"];
