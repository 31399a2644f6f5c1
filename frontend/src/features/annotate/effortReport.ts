import { isApiError } from "@/api/client";
import type { Assignment, EffortEntry, EffortTool } from "@/api/models";
import type { Spent } from "@/lib/activity";

type Holding = Pick<Assignment, "id" | "token">;

export interface EffortReportOptions {
  assignment: Holding;
  send: (assignment: Holding, entries: EffortEntry[], keepalive: boolean) => Promise<unknown>;
}

interface Kept {
  next: number;
  unsent: EffortEntry[];
}

const MOST_AT_ONCE = 500;
const MOST_MS = 600_000;
const MOST_STROKES = 1000;

/**
 * Tells the server what time was spent. Entries keep their numbers until the server has them, over retries
 * and reloads, so that none counts twice; failing is silent, and the next report tries again.
 */
export class EffortReport {
  private readonly options: EffortReportOptions;
  private readonly storageKey: string;
  private kept: Kept;
  private sending = false;

  constructor(options: EffortReportOptions) {
    const { id, token } = options.assignment;
    this.options = options;
    // By token: whoever takes the assignment over in another tab counts on from elsewhere.
    this.storageKey = `maskloop.effort.${id}.${token}`;
    this.kept = load(this.storageKey) ?? { next: somewhere(), unsent: [] };
  }

  get unsent(): readonly EffortEntry[] {
    return this.kept.unsent;
  }

  add(spent: readonly Spent<EffortTool>[]): void {
    const { next, unsent } = this.kept;
    const entries = spent
      .map(entryOf)
      .filter(({ active_ms, wait_ms, strokes }) => active_ms + wait_ms + strokes > 0);
    if (entries.length === 0) return;
    this.keep({
      next: next + entries.length,
      unsent: [...unsent, ...entries.map((entry, i) => ({ sequence: next + i, ...entry }))],
    });
  }

  /** `leaving`: the page is about to go, so do not wait for what is under way. */
  async flush(leaving = false): Promise<void> {
    if ((this.sending && !leaving) || this.kept.unsent.length === 0) return;
    this.sending = true;
    const entries = this.kept.unsent.slice(0, MOST_AT_ONCE);
    try {
      await this.options.send(this.options.assignment, entries, leaving);
      this.forget(entries);
    } catch (error) {
      if (isFinal(error)) this.forget(entries);
    } finally {
      this.sending = false;
    }
  }

  private forget(entries: readonly EffortEntry[]): void {
    const told = new Set(entries.map(({ sequence }) => sequence));
    this.keep({ ...this.kept, unsent: this.kept.unsent.filter(({ sequence }) => !told.has(sequence)) });
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    try {
      sessionStorage.setItem(this.storageKey, JSON.stringify(kept));
    } catch {
      // Without storage a reload loses what was not sent yet: seconds.
    }
  }
}

function entryOf({
  frame,
  tool,
  activeMs,
  waitMs,
  strokes,
}: Spent<EffortTool>): Omit<EffortEntry, "sequence"> {
  const ms = (value: number) => Math.min(MOST_MS, Math.round(value));
  return {
    frame_idx: frame,
    tool,
    active_ms: ms(activeMs),
    wait_ms: ms(waitMs),
    strokes: Math.min(MOST_STROKES, strokes),
  };
}

/** The server will not take this however often it is told. */
function isFinal(error: unknown): boolean {
  return isApiError(error) && [400, 404, 409, 410, 413].includes(error.status);
}

/** Far from where others began, with room to count on below 2³¹. */
const somewhere = (): number => 1 + Math.floor(Math.random() * 2 ** 30);

function load(key: string): Kept | null {
  try {
    const text = sessionStorage.getItem(key);
    return text ? (JSON.parse(text) as Kept) : null;
  } catch {
    return null;
  }
}
