import { isApiError, newIdempotencyKey } from "@/api/client";
import type { NewPrompt } from "@/api/models";
import { Store } from "@/lib/signal";

/** A prompt that a person has given and that the server has not confirmed yet. */
export interface Unsent {
  /** Its Idempotency-Key: the same over all tries, so that it is stored once. */
  key: string;
  prompt: NewPrompt;
  /** `retrying` once it takes longer than it should. */
  state: "saving" | "retrying";
}

export interface OutboxOptions {
  /** Resolves once the server has stored the prompt. */
  send: (prompt: NewPrompt, key: string) => Promise<unknown>;
  /** The server will never take this prompt; it is dropped. */
  onRefused: (prompt: NewPrompt, error: Error) => void;
  /** The lease is lost: nothing is dropped, sending waits for `resume`. */
  onLeaseLost: () => void;
  /** Where the queue outlives a reload. */
  storageKey: string;
}

const RETRY_DELAYS_MS = [500, 1500, 4000, 8000];
/** A prompt that is not stored by then is said to be unsaved. */
const PATIENCE_MS = 1500;

/** Sends prompts in order, one at a time, until the server has each of them. */
export class Outbox {
  readonly store: Store<{ unsent: readonly Unsent[] }>;
  private readonly options: OutboxOptions;
  private sending = false;
  private paused = true;
  private wake: (() => void) | null = null;

  constructor(options: OutboxOptions) {
    this.options = options;
    this.store = new Store<{ unsent: readonly Unsent[] }>({ unsent: load(options.storageKey) });
  }

  get unsent(): readonly Unsent[] {
    return this.store.read().unsent;
  }

  /** @returns the prompt's key. */
  push(prompt: NewPrompt): string {
    const key = newIdempotencyKey();
    // A painted mask that still waits its turn is part of the next one of its frame.
    const waiting = this.waits(this.unsent.at(-1), prompt) ? this.unsent.slice(0, -1) : this.unsent;
    this.change([...waiting, { key, prompt, state: "saving" }]);
    void this.pump();
    return key;
  }

  /** Take back the newest prompt that is not under way yet; false where there is none. */
  takeBack(): boolean {
    const last = this.unsent.at(-1);
    if (last === undefined || (this.sending && this.unsent.length === 1)) return false;
    this.change(this.unsent.slice(0, -1));
    return true;
  }

  resume(): void {
    this.paused = false;
    this.wake?.();
    void this.pump();
  }

  pause(): void {
    this.paused = true;
    this.wake?.();
  }

  private waits(last: Unsent | undefined, prompt: NewPrompt): boolean {
    const underWay = this.sending && this.unsent.length === 1;
    return (
      !underWay &&
      last?.prompt.kind === "mask" &&
      prompt.kind === "mask" &&
      last.prompt.frame_idx === prompt.frame_idx
    );
  }

  private async pump(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    for (let first = this.unsent[0]; first && !this.paused; first = this.unsent[0]) await this.deliver(first);
    this.sending = false;
  }

  private async deliver({ key, prompt }: Unsent): Promise<void> {
    const late = setTimeout(() => this.mark(key), PATIENCE_MS);
    try {
      for (let tries = 0; !this.paused; tries++) {
        try {
          await this.options.send(prompt, key);
          return this.remove(key);
        } catch (error) {
          if (isApiError(error, "lease_lost")) {
            this.paused = true;
            return this.options.onLeaseLost();
          }
          if (!worthRetrying(error)) {
            this.remove(key);
            return this.options.onRefused(prompt, error as Error);
          }
          this.mark(key);
          await this.rest(RETRY_DELAYS_MS[Math.min(tries, RETRY_DELAYS_MS.length - 1)]);
        }
      }
    } finally {
      clearTimeout(late);
    }
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private mark(key: string): void {
    this.change(this.unsent.map((one) => (one.key === key ? { ...one, state: "retrying" as const } : one)));
  }

  private remove(key: string): void {
    this.change(this.unsent.filter((one) => one.key !== key));
  }

  private change(unsent: readonly Unsent[]): void {
    this.store.set({ unsent });
    save(this.options.storageKey, unsent);
  }
}

/** No answer, a failing or busy server, a run that is just ending: the same request may yet succeed. */
function worthRetrying(error: unknown): boolean {
  if (!isApiError(error)) return false;
  return (
    error.status === 0 ||
    error.status >= 500 ||
    [408, 425, 429].includes(error.status) ||
    error.code === "run_in_progress"
  );
}

function load(key: string): Unsent[] {
  try {
    const text = sessionStorage.getItem(key);
    return text ? (JSON.parse(text) as Unsent[]).map((one) => ({ ...one, state: "retrying" })) : [];
  } catch {
    return [];
  }
}

function save(key: string, unsent: readonly Unsent[]): void {
  try {
    if (unsent.length > 0) sessionStorage.setItem(key, JSON.stringify(unsent));
    else sessionStorage.removeItem(key);
  } catch {
    // Without storage a reload asks for the click again; it is still sent from here.
  }
}
