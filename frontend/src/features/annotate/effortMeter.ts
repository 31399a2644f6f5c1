import type { EffortTool } from "@/api/models";
import { Activity, TICK_MS, type Circumstances } from "@/lib/activity";

import type { EffortReport } from "./effortReport";

/** What the desk tells; whether the page has the focus is seen here. */
export type Seen = Omit<Circumstances<EffortTool>, "attentive"> & {
  /** The masklet is held: what is done is work on it. */
  held: boolean;
};

const REPORT_MS = 10_000;
/** How long after the end the server still listens. */
const LATE_MS = 600_000;

/**
 * Watches how long somebody is at work on the desk, and reports it now and then. Nothing here disturbs them.
 */
export class EffortMeter {
  private readonly report: EffortReport;
  private readonly activity: Activity<EffortTool>;
  private readonly stopWatching = new AbortController();
  private readonly ticking: ReturnType<typeof setInterval>;
  private readonly reporting: ReturnType<typeof setInterval>;
  private seen: Seen;
  private closedAt: number | null = null;

  constructor(report: EffortReport, seen: Seen) {
    this.report = report;
    this.seen = seen;
    this.activity = new Activity(this.circumstances(), performance.now());
    this.ticking = setInterval(() => this.activity.settle(performance.now()), TICK_MS);
    this.reporting = setInterval(() => this.tell(), REPORT_MS);
    this.watch();
  }

  see(seen: Seen): void {
    this.seen = seen;
    this.activity.change(performance.now(), this.circumstances());
  }

  asked(): void {
    this.activity.asked(performance.now());
  }

  stroke(frame: number, tool: EffortTool): void {
    this.activity.stroke(frame, tool);
  }

  /** Tell what there is now. */
  tell(leaving = false): void {
    this.report.add(this.activity.take(performance.now()));
    void this.report.flush(leaving);
    const late = this.closedAt !== null && performance.now() - this.closedAt > LATE_MS;
    if (this.closedAt !== null && (late || this.report.unsent.length === 0)) clearInterval(this.reporting);
  }

  /** Nothing is watched any more; what is not told yet still will be. */
  close(): void {
    this.stopWatching.abort();
    clearInterval(this.ticking);
    this.tell(true);
    this.see({ ...this.seen, held: false });
    this.closedAt = performance.now();
  }

  private circumstances(): Circumstances<EffortTool> {
    const { held, ...rest } = this.seen;
    return { ...rest, attentive: held && document.visibilityState === "visible" && document.hasFocus() };
  }

  private watch(): void {
    const { signal } = this.stopWatching;
    const options = { capture: true, passive: true, signal };
    const input = (deed: boolean) => this.activity.input(performance.now(), deed);
    for (const name of ["pointerdown", "keydown", "wheel"])
      window.addEventListener(name, () => input(true), options);
    window.addEventListener("pointermove", ({ buttons }) => input(buttons !== 0), options);
    for (const name of ["focus", "blur"]) window.addEventListener(name, () => this.see(this.seen), options);
    document.addEventListener("visibilitychange", () => this.turned(), options);
    window.addEventListener("pagehide", () => this.tell(true), options);
  }

  private turned(): void {
    this.see(this.seen);
    // A page that is hidden may never be heard of again.
    if (document.visibilityState === "hidden") this.tell(true);
  }
}
