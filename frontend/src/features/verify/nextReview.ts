import { heartbeatReview, giveBackReview, nextToReview } from "@/api/reviews";
import type { Id } from "@/api/models";
import { forget } from "@/lib/holding";
import { keepLease } from "@/lib/keepLease";
import { closeFootage, openFootage, type Footage } from "@/player/footage";

import { openAhead, type Opened } from "./openReview";

/** A review that is all here: its first frames too. */
export interface Prepared extends Opened {
  footage: Footage;
}

/**
 * Claims the next masklet while one still looks at this one, fetches what is needed to play it, and keeps it
 * until it is taken, or gives it back.
 */
export class NextReview {
  private coming: Promise<Prepared | null> | null = null;
  private stopLease: (() => void) | null = null;
  private ready: Prepared | null = null;

  /** Begin, unless it has begun. Whatever goes wrong is met again when one really goes on. */
  prepare(project: Id): void {
    this.coming ??= this.fetch(project).catch(() => null);
  }

  /** What was prepared, now the caller's; null where nothing waits or it could not be had. */
  async take(): Promise<Prepared | null> {
    const coming = this.coming;
    this.coming = null;
    const prepared = await coming;
    this.release();
    return prepared ?? null;
  }

  /** What `take` would give at once, by its review. */
  peek(review: Id): Prepared | null {
    return this.ready?.review.id === review ? this.ready : null;
  }

  /** Leave it to somebody else; also as the last word of a page that goes. */
  drop(): void {
    const coming = this.coming;
    this.coming = null;
    void coming?.then((prepared) => {
      this.release();
      if (!prepared) return;
      closeFootage(prepared.footage);
      forget("review", prepared.review.id);
      void giveBackReview(prepared.review, true).catch(() => undefined);
    });
  }

  private async fetch(project: Id): Promise<Prepared | null> {
    const review = await nextToReview(project);
    if (!review) return null;
    this.stopLease = keepLease({
      seconds: review.lease_seconds,
      beat: () => heartbeatReview(review),
      onLost: () => this.lose(),
      onContact: () => undefined,
    });
    const opened = await openAhead(review);
    const footage = openFootage(opened.video, { loop: true, frame: 0 });
    footage.frames.aim(0, 1);
    if (opened.video.proxy_url) warm(opened.video.proxy_url);
    this.ready = { ...opened, footage };
    return this.ready;
  }

  private lose(): void {
    if (this.ready) closeFootage(this.ready.footage);
    this.coming = Promise.resolve(null);
    this.release();
  }

  private release(): void {
    this.stopLease?.();
    this.stopLease = null;
    this.ready = null;
  }
}

/** Let the browser have the beginning of the video by the time that it is played. */
function warm(url: string): void {
  const video = document.createElement("video");
  video.preload = "auto";
  video.muted = true;
  video.src = url;
}
