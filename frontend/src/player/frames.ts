import { Signal } from "@/lib/signal";

import type { Addresses } from "./addresses";
import { prefetchOrder } from "./order";

/** Turns an address into a decoded picture; replaced in tests. */
export type FetchBitmap = (url: string, signal: AbortSignal) => Promise<ImageBitmap>;

export interface FramesOptions {
  count: number;
  addresses: Pick<Addresses, "of" | "drop">;
  /** Bytes that one decoded frame takes: width · height · 4. */
  frameBytes: number;
  fetchBitmap?: FetchBitmap;
}

const MOST_BYTES = 400 * 1024 * 1024;
const MOST_FRAMES = 160;
const AT_ONCE = 4;
const TRIES = 3;
const PAUSE_MS = 400;

/**
 * The annotated frames as pictures. `aim` says where the eye is and where it travels: the frames
 * around are fetched in that order, what is far is given up, and memory stays bounded.
 */
export class Frames {
  /** A frame has arrived, or will not. */
  readonly arrivals = new Signal();

  private readonly options: Required<FramesOptions>;
  private readonly capacity: number;
  private readonly kept = new Map<number, ImageBitmap>();
  private readonly loading = new Map<number, AbortController>();
  private readonly failed = new Map<number, string>();
  private wanted: number[] = [];
  private pinned: readonly number[] = [];
  private closed = false;

  constructor(options: FramesOptions) {
    this.options = { fetchBitmap, ...options };
    const affordable = Math.floor(MOST_BYTES / Math.max(1, options.frameBytes));
    this.capacity = Math.max(8, Math.min(MOST_FRAMES, affordable));
  }

  /** The picture of `frame` if it is here. */
  get(frame: number): ImageBitmap | null {
    return this.kept.get(frame) ?? null;
  }

  /** Why `frame` could not be fetched; null where it is here or still coming. */
  failure(frame: number): string | null {
    return this.failed.get(frame) ?? null;
  }

  aim(frame: number, direction: 1 | -1): void {
    // All that is wanted must fit, or fetching and evicting would chase each other for ever.
    const room = this.capacity - this.pinned.length - 1;
    const ahead = Math.min(48, Math.floor(room * 0.75));
    const behind = Math.min(12, Math.floor(room * 0.25));
    this.wanted = prefetchOrder(frame, direction, this.options.count, ahead, behind);
    this.failed.delete(frame);
    const near = new Set([...this.wanted, ...this.pinned]);
    for (const [j, controller] of this.loading) {
      if (!near.has(j)) controller.abort();
    }
    this.pump();
  }

  /** Frames to fetch after the near ones and to keep wherever the eye goes, such as thumbnails. */
  pin(frames: readonly number[]): void {
    this.pinned = frames.slice(0, Math.floor(this.capacity / 2));
    this.aim(this.wanted[0] ?? 0, 1);
  }

  close(): void {
    this.closed = true;
    for (const controller of this.loading.values()) controller.abort();
    for (const bitmap of this.kept.values()) bitmap.close();
    this.kept.clear();
  }

  private pump(): void {
    if (this.closed) return;
    for (const j of [...this.wanted, ...this.pinned]) {
      if (this.loading.size >= AT_ONCE) return;
      if (this.kept.has(j) || this.loading.has(j) || this.failed.has(j)) continue;
      void this.load(j);
    }
  }

  private async load(frame: number): Promise<void> {
    const controller = new AbortController();
    this.loading.set(frame, controller);
    try {
      const bitmap = await this.fetch(frame, controller.signal);
      if (this.closed) bitmap.close();
      else this.keep(frame, bitmap);
    } catch (error) {
      if (!controller.signal.aborted) {
        this.failed.set(frame, error instanceof Error ? error.message : String(error));
        this.arrivals.emit();
      }
    } finally {
      this.loading.delete(frame);
      this.pump();
    }
  }

  private async fetch(frame: number, signal: AbortSignal): Promise<ImageBitmap> {
    const { addresses } = this.options;
    for (let tries = 1; ; tries++) {
      try {
        return await this.options.fetchBitmap(await addresses.of(frame), signal);
      } catch (error) {
        if (signal.aborted || tries === TRIES) throw error;
        addresses.drop(frame);
        await new Promise((resume) => setTimeout(resume, PAUSE_MS * tries));
        signal.throwIfAborted();
      }
    }
  }

  private keep(frame: number, bitmap: ImageBitmap): void {
    this.kept.set(frame, bitmap);
    if (this.kept.size > this.capacity) this.evict();
    this.arrivals.emit();
  }

  /** Close what is farthest from the eye and not pinned. */
  private evict(): void {
    const centre = this.wanted[0] ?? 0;
    const pinned = new Set(this.pinned);
    const loose = [...this.kept.keys()].filter((j) => !pinned.has(j));
    const distance = (j: number) => Math.abs(j - centre);
    const farthest = loose.reduce((worst, j) => (distance(j) > distance(worst) ? j : worst), centre);
    this.kept.get(farthest)?.close();
    this.kept.delete(farthest);
  }
}

/** Fetch and decode one JPEG, off the main thread, without cookies: the address carries the right. */
export const fetchBitmap: FetchBitmap = async (url, signal) => {
  const response = await fetch(url, { signal, credentials: "omit" });
  if (!response.ok) throw new Error(`The frame could not be fetched (${response.status}).`);
  return createImageBitmap(await response.blob());
};
