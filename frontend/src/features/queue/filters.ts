import { PHASES, type Band, type Phase, type QueueRow } from "@/api/models";

export const BANDS: readonly { value: Band; label: string }[] = [
  { value: "refinement", label: "Refinement" },
  { value: "doubtful", label: "Doubtful" },
  { value: "new", label: "New" },
];

/** What the address narrows the queue to. */
export interface Wanted {
  band: Band | undefined;
  /** A user name: what this person holds, or what is kept for them. */
  person: string | undefined;
  phase: Phase | undefined;
}

export function wantedFrom(params: URLSearchParams): Wanted {
  return {
    band: BANDS.find(({ value }) => value === params.get("band"))?.value,
    person: params.get("person") ?? undefined,
    phase: PHASES.find((phase) => String(phase) === params.get("phase")),
  };
}

export const fits = (row: QueueRow, { band, person, phase }: Wanted): boolean =>
  (band === undefined || row.band === band) &&
  (phase === undefined || row.phase === phase) &&
  (person === undefined || row.held_by === person || row.assigned_to === person);
