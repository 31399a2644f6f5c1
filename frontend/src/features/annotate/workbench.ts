import {
  discardAssignment,
  handBackAssignment,
  heartbeatAssignment,
  submitAssignment,
} from "@/api/assignments";
import { isApiError, newIdempotencyKey } from "@/api/client";
import { followRun, type Connection, type RunEvent, type StatusEvent } from "@/api/events";
import {
  addPrompt,
  getMasklet,
  getMasks,
  listPrompts,
  listRevisions,
  propagate,
  restoreRevision,
} from "@/api/masklets";
import type {
  Assignment,
  Direction,
  Doubt,
  Id,
  MaskFrame,
  Masklet,
  NewPrompt,
  Progress,
  Prompt,
  Run,
} from "@/api/models";
import { cancelRun, isLive, isPrediction, isPropagation, listRuns } from "@/api/runs";
import { keepLease } from "@/lib/keepLease";
import { Store } from "@/lib/signal";

import { carriedBy, edited, historyOf, redone, undone, type History } from "./history";
import { Outbox } from "./outbox";

/** The propagation that is under way. */
export interface Propagation {
  run: Id;
  direction: Direction | null;
  progress: Progress;
  /** Asked to stop; what was done is kept. */
  stopping: boolean;
  connection: Connection;
}

/** Something that went wrong and stays until it is dealt with: what happened, what is safe. */
export interface Trouble {
  title: string;
  text: string;
}

/** A mask as it was painted, shown until the server has answered its prompt. */
export interface Drawn {
  /** The prompt's key. */
  key: string;
  counts: string;
}

export interface Work {
  masklet: Masklet;
  assignment: Assignment;
  /** False until masks and prompts have come. */
  loaded: boolean;
  size: [number, number];
  frames: ReadonlyMap<number, MaskFrame>;
  drawn: ReadonlyMap<number, Drawn>;
  prompts: readonly Prompt[];
  /** Prompts that a propagation has carried on, as far as it is known: after an undo it is not. */
  carried: ReadonlySet<Id>;
  /** Runs that compute the mask of one frame, with that frame. */
  predicting: ReadonlyMap<Id, number>;
  propagation: Propagation | null;
  /** Frames that the propagation has answered. */
  fresh: ReadonlySet<number>;
  /** Frames that the last propagation left as they were, since its correction does not change them. */
  kept: number;
  /** What the server doubts in the stored masks, in the order in which to look. */
  suggestedFrames: readonly Doubt[];
  history: History;
  /** Another request is changing everything (undo, submit …); in words. */
  busy: string | null;
  /** Whether the last heartbeat was answered. */
  online: boolean;
  /** The lease is gone; nothing can be edited until it is claimed again. */
  leaseLost: boolean;
  trouble: Trouble | null;
}

/** What the workbench asks of the server; replaced in tests. */
export const server = {
  addPrompt,
  cancelRun,
  discardAssignment,
  followRun,
  getMasklet,
  getMasks,
  handBackAssignment,
  heartbeatAssignment,
  listPrompts,
  listRevisions,
  listRuns,
  propagate,
  restoreRevision,
  submitAssignment,
};

export type Server = typeof server;

export interface WorkbenchOptions {
  masklet: Masklet;
  assignment: Assignment;
  /** Pixels of a frame: [h, w]. */
  size: [number, number];
  streamsOrigin: string;
  server?: Server;
}

/** One masklet in one annotator's hands: its masks and prompts, and everything that changes them. */
export class Workbench {
  readonly store: Store<Work>;
  readonly outbox: Outbox;
  private readonly server: Server;
  private readonly streamsOrigin: string;
  private readonly following = new Map<Id, () => void>();
  private stopHeartbeat: () => void = () => undefined;
  /** Runs that have given a mask. */
  private readonly answered = new Set<Id>();
  /** The key of the prompt that a run answers. */
  private readonly keys = new Map<Id, string>();
  /** Those who wait for the propagation to end. */
  private waiting: (() => void)[] = [];

  constructor({ masklet, assignment, size, streamsOrigin, server: asked = server }: WorkbenchOptions) {
    this.server = asked;
    this.streamsOrigin = streamsOrigin;
    this.store = new Store<Work>({
      masklet,
      assignment,
      loaded: false,
      size,
      frames: new Map(),
      drawn: new Map(),
      prompts: [],
      carried: new Set(),
      predicting: new Map(),
      propagation: null,
      fresh: new Set(),
      kept: 0,
      suggestedFrames: [],
      history: historyOf(masklet.revision, []),
      busy: null,
      online: true,
      leaseLost: false,
      trouble: null,
    });
    this.outbox = new Outbox({
      storageKey: `maskloop.unsent.${masklet.id}`,
      send: (prompt, key) => this.send(prompt, key),
      onLeaseLost: () => this.loseLease(),
      onRefused: (prompt, error) => {
        if (prompt.kind === "mask") this.undraw(({ counts }) => counts === prompt.rle.counts);
        this.set({
          trouble: {
            title: "A prompt was not taken",
            text: `${error.message} Everything before it is saved.`,
          },
        });
      },
    });
    // What could not be sent before a reload is shown again too.
    for (const { key, prompt } of this.outbox.unsent) this.draw(key, prompt);
  }

  get work(): Work {
    return this.store.read();
  }

  private get assignment(): Assignment {
    return this.work.assignment;
  }

  /** Fetch what is there, go on with what runs, send what could not be sent, keep the lease. */
  async open(): Promise<void> {
    this.beat();
    try {
      const { id } = this.work.masklet;
      const [runs, revisions] = await Promise.all([
        this.server.listRuns({ masklet: id, live: true }),
        this.server.listRevisions(id),
        this.reload(),
      ]);
      const { masklet, prompts } = this.work;
      this.set({
        loaded: true,
        history: historyOf(masklet.revision, revisions),
        carried: carriedBy(revisions, prompts),
      });
      for (const run of runs.results) this.attach(run);
      this.outbox.resume();
    } catch (error) {
      this.fail(
        "The masklet could not be loaded",
        error,
        "What was saved is safe. Reload the page to try again.",
      );
    }
  }

  close(): void {
    this.stopHeartbeat();
    this.outbox.pause();
    for (const stop of this.following.values()) stop();
    this.following.clear();
  }

  prompt(prompt: NewPrompt): void {
    this.draw(this.outbox.push(prompt), prompt);
  }

  /** `whole`: every frame anew, also those that no correction changes. */
  async propagate(direction: Direction, fromFrame: number, whole = false): Promise<void> {
    await this.exclusively("Starting to propagate", "The propagation did not start", async () => {
      const write = { leaseToken: this.assignment.token, idempotencyKey: newIdempotencyKey() };
      const { run } = await this.server.propagate(this.work.masklet.id, direction, fromFrame, whole, write);
      this.attach(run, direction);
    });
  }

  /** Stop the propagation; what was done is kept. */
  async stop(): Promise<void> {
    const { propagation } = this.work;
    if (!propagation || propagation.stopping) return;
    this.set({ propagation: { ...propagation, stopping: true } });
    try {
      await this.server.cancelRun(propagation.run);
    } catch (error) {
      this.change("propagation", (now) => now && { ...now, stopping: false });
      this.fail("The propagation could not be stopped", error, "It goes on; what it has done is kept.");
    }
  }

  async undo(): Promise<void> {
    const last = this.outbox.unsent.at(-1);
    if (this.outbox.takeBack()) return this.undraw(({ key }) => key === last?.key);
    await this.restore("Undoing", undone(this.work.history));
  }

  async redo(): Promise<void> {
    await this.restore("Redoing", redone(this.work.history));
  }

  /** Whether it was submitted. */
  submit(): Promise<boolean> {
    return this.finish("Submitting", "It was not submitted", () =>
      this.server.submitAssignment(this.assignment),
    );
  }

  handBack(): Promise<boolean> {
    return this.finish("Handing back", "It was not handed back", () =>
      this.server.handBackAssignment(this.assignment),
    );
  }

  discard(reason: string): Promise<boolean> {
    return this.finish("Discarding", "It was not discarded", () =>
      this.server.discardAssignment(this.assignment, reason),
    );
  }

  /** Go on with a new lease: what could not be saved before is sent now. */
  async resume(masklet: Masklet, assignment: Assignment): Promise<void> {
    this.set({ masklet, assignment, leaseLost: false, online: true, trouble: null });
    await this.open();
  }

  dismiss(): void {
    this.set({ trouble: null });
  }

  /** Somebody has said what the object is; its masks and prompts are as they were. */
  described({ label, attributes, frame_attributes }: Masklet): void {
    this.change("masklet", (masklet) => ({ ...masklet, label, attributes, frame_attributes }));
  }

  private async send(prompt: NewPrompt, key: string): Promise<void> {
    // A click while masks are still coming means: stop there, I want to correct this.
    if (this.work.propagation) {
      await this.stop();
      await this.settled();
    }
    const write = { leaseToken: this.assignment.token, idempotencyKey: key };
    const { prompt: saved, run } = await this.server.addPrompt(this.work.masklet.id, prompt, write);
    this.change("prompts", (prompts) => [...prompts.filter(({ id }) => id !== saved.id), saved]);
    this.keys.set(run.id, key);
    this.attach(run, null, saved.frame_idx);
  }

  private draw(key: string, prompt: NewPrompt): void {
    if (prompt.kind !== "mask") return;
    this.change("drawn", (drawn) => new Map(drawn).set(prompt.frame_idx, { key, counts: prompt.rle.counts }));
  }

  private undraw(which: (drawn: Drawn) => boolean): void {
    this.change("drawn", (drawn) =>
      [...drawn.values()].some(which) ? new Map([...drawn].filter(([, one]) => !which(one))) : drawn,
    );
  }

  private settled(): Promise<void> {
    return this.work.propagation ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  private async restore(words: string, to: History): Promise<void> {
    if (to === this.work.history || to.now === this.work.history.now) return;
    await this.exclusively(words, "The step could not be taken back", async () => {
      const { id, revision } = this.work.masklet;
      const write = { leaseToken: this.assignment.token, ifMatch: revision };
      await this.server.restoreRevision(id, to.now, write);
      await this.reload();
      this.set({ history: to, carried: new Set() });
    });
  }

  private async finish(words: string, failed: string, end: () => Promise<Masklet>): Promise<boolean> {
    const done = await this.exclusively(words, failed, async () => {
      const masklet = await end();
      this.close();
      this.set({ masklet });
    });
    return done;
  }

  /** One change at a time, named while it lasts; a failure is told and changes nothing here. */
  private async exclusively(words: string, failed: string, change: () => Promise<void>): Promise<boolean> {
    if (this.work.busy !== null) return false;
    this.set({ busy: words, trouble: null });
    try {
      await change();
      return true;
    } catch (error) {
      if (isApiError(error, "lease_lost")) this.loseLease();
      else this.fail(failed, error, "What was saved is safe.");
      if (isApiError(error, "revision_changed")) await this.reload().catch(() => undefined);
      return false;
    } finally {
      this.set({ busy: null });
    }
  }

  /** The truth as the server has it. */
  private async reload(): Promise<void> {
    const { id } = this.work.masklet;
    const [masklet, masks, prompts] = await Promise.all([
      this.server.getMasklet(id),
      this.server.getMasks(id),
      this.server.listPrompts(id),
    ]);
    const frames = new Map(Object.entries(masks.frames).map(([j, frame]) => [Number(j), frame]));
    this.set({ masklet, frames, prompts, suggestedFrames: masks.suggested_frames });
  }

  /** A click's mask came with its event: there is nothing to fetch but the number. */
  private advance(revision: number): void {
    this.change("masklet", (masklet) => ({ ...masklet, revision: Math.max(masklet.revision, revision) }));
  }

  private attach(run: Run, direction: Direction | null = null, frame?: number): void {
    if (this.following.has(run.id) || !isLive(run.status)) {
      if (!isLive(run.status))
        void this.reload().then(
          () => this.answer(run.id),
          () => undefined,
        );
      return;
    }
    if (isPropagation(run)) {
      const { id, progress } = run;
      this.set({
        propagation: { run: id, direction, progress, stopping: false, connection: "connecting" },
        fresh: new Set(),
        kept: 0,
      });
    } else if (isPrediction(run)) {
      this.change("predicting", (map) => new Map(map).set(run.id, frame ?? -1));
    } else {
      return;
    }
    const stop = this.server.followRun(this.streamsOrigin, run.id, {
      onEvent: (event) => this.receive(run, event),
      onConnection: (connection) =>
        this.change("propagation", (now) => (now?.run === run.id ? { ...now, connection } : now)),
    });
    this.following.set(run.id, stop);
  }

  private receive(run: Run, event: RunEvent): void {
    switch (event.kind) {
      case "mask": {
        const { frame_idx, counts, predicted_iou, object_score, stability } = event.data;
        this.change("frames", (frames) =>
          new Map(frames).set(frame_idx, { counts, predicted_iou, object_score, stability }),
        );
        this.answered.add(run.id);
        if (isPropagation(run)) this.change("fresh", (fresh) => new Set(fresh).add(frame_idx));
        return;
      }
      case "progress":
        this.change("propagation", (now) => (now?.run === run.id ? { ...now, progress: event.data } : now));
        return;
      case "status":
        if (!isLive(event.data.status)) void this.ended(run, event.data);
    }
  }

  private async ended(run: Run, { status, error, result }: StatusEvent): Promise<void> {
    this.following.delete(run.id);
    const told = isPrediction(run) && this.answered.has(run.id) && result.revision !== undefined;
    try {
      if (told) this.advance(result.revision ?? 0);
      else await this.reload();
      this.change("history", (history) => edited(history, this.work.masklet.revision));
    } catch {
      // The masks that came by the events stand; the next answer brings the rest.
    }
    this.change("predicting", (map) => new Map([...map].filter(([id]) => id !== run.id)));
    this.answer(run.id);
    if (isPropagation(run) && status !== "failed")
      this.set({ carried: new Set(this.work.prompts.map(({ id }) => id)) });
    if (this.work.propagation?.run === run.id)
      this.set({ propagation: null, fresh: new Set(), kept: result.kept ?? 0 });
    for (const resolve of this.waiting.splice(0)) resolve();
    if (status === "failed") {
      const what = isPrediction(run) ? "The mask could not be computed" : "The propagation failed";
      const safe = isPrediction(run)
        ? "Your prompt is saved. Click again, or undo."
        : "The masks it had made are kept. Try again.";
      this.set({
        trouble: { title: what, text: `${error?.message ?? "The worker gave no reason."} ${safe}` },
      });
    }
  }

  /** What was painted for this run gives way to what the server has. */
  private answer(run: Id): void {
    const answered = this.keys.get(run);
    this.keys.delete(run);
    if (answered !== undefined) this.undraw(({ key }) => key === answered);
  }

  private beat(): void {
    this.stopHeartbeat();
    this.stopHeartbeat = keepLease({
      seconds: this.assignment.lease_seconds,
      beat: () => this.server.heartbeatAssignment(this.assignment),
      onLost: () => this.loseLease(),
      onContact: (online) => {
        if (online !== this.work.online) this.set({ online });
      },
    });
  }

  private loseLease(): void {
    this.stopHeartbeat();
    this.outbox.pause();
    this.set({ leaseLost: true });
  }

  private fail(title: string, error: unknown, safe: string): void {
    const reason = error instanceof Error ? error.message : "";
    this.set({ trouble: { title, text: `${reason} ${safe}`.trim() } });
  }

  private change<K extends keyof Work>(name: K, next: (before: Work[K]) => Work[K]): void {
    const before = this.work[name];
    const after = next(before);
    if (after !== before) this.set({ [name]: after });
  }

  private set(change: Partial<Work>): void {
    this.store.set(change);
  }
}
