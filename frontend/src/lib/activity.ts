/** What the person has before them, and whether they can be at work on it at all. */
export interface Circumstances<Tool extends string> {
  frame: number;
  tool: Tool;
  /** The page is visible and has the focus. */
  attentive: boolean;
  /** The video plays, and is watched. */
  playing: boolean;
  /** The model is at work for this person. */
  busy: boolean;
}

/** Time on one frame with one tool. */
export interface Spent<Tool extends string> {
  frame: number;
  tool: Tool;
  activeMs: number;
  waitMs: number;
  strokes: number;
}

/** Without input for this long, nobody counts as being at work. */
export const IDLE_MS = 10_000;
/** How often `settle` should be called. */
export const TICK_MS = 1000;
/** Nothing was called for this long: the computer slept, or the page was frozen. */
const GAP_MS = 5 * TICK_MS;

/**
 * Counts the time that a person is at work, and apart from it the time in which they wait for the model.
 * Between two calls nothing changes, so each call first books what has passed. All times are
 * `performance.now()`, which no change of the clock reaches.
 */
export class Activity<Tool extends string> {
  private circumstances: Circumstances<Tool>;
  private readonly spent = new Map<string, Spent<Tool>>();
  private booked: number;
  private lastInput = -Infinity;
  private lastDeed = -Infinity;
  private askedAt = -Infinity;

  constructor(circumstances: Circumstances<Tool>, now: number) {
    this.circumstances = circumstances;
    this.booked = now;
  }

  /** The person moved the pointer or, what is a `deed`, did more than that. */
  input(now: number, deed: boolean): void {
    this.settle(now);
    this.lastInput = now;
    if (deed) this.lastDeed = now;
  }

  /** The person asked the model for something and waits from now on, unless they do something else. */
  asked(now: number): void {
    this.settle(now);
    this.askedAt = now;
  }

  change(now: number, circumstances: Circumstances<Tool>): void {
    this.settle(now);
    this.circumstances = circumstances;
  }

  stroke(frame: number, tool: Tool): void {
    this.of(frame, tool).strokes++;
  }

  /** Book the time since the last call. */
  settle(now: number): void {
    const from = this.booked;
    this.booked = now;
    const { frame, tool, attentive, playing, busy } = this.circumstances;
    const passed = now - from;
    if (!attentive || passed <= 0 || passed > GAP_MS) return;
    const since = (input: number) => Math.max(0, Math.min(now, input + IDLE_MS) - from);
    // Whoever goes on working meanwhile does not wait.
    const waits = busy && !playing;
    const active = playing
      ? passed
      : !waits
        ? since(this.lastInput)
        : this.lastDeed > this.askedAt
          ? since(this.lastDeed)
          : 0;
    const wait = waits ? passed - active : 0;
    if (active === 0 && wait === 0) return;
    const entry = this.of(frame, tool);
    entry.activeMs += active;
    entry.waitMs += wait;
  }

  /** Everything since it was last taken, by frame and tool. */
  take(now: number): Spent<Tool>[] {
    this.settle(now);
    const taken = [...this.spent.values()];
    this.spent.clear();
    return taken;
  }

  private of(frame: number, tool: Tool): Spent<Tool> {
    const key = `${frame} ${tool}`;
    const entry = this.spent.get(key) ?? { frame, tool, activeMs: 0, waitMs: 0, strokes: 0 };
    this.spent.set(key, entry);
    return entry;
  }
}
