import { annotatedAt, seekTime, timelineAt, timelineAtTime, type Timeline } from "./timeline";

export interface PlayerState {
  /** Annotated frame on show; with the video playing, the one whose mask belongs on top. */
  frame: number;
  /** Where one was heading last; frames are fetched that way. */
  direction: 1 | -1;
  playing: boolean;
  /** The video element has painted since play: it, not the JPEG, is what one sees. */
  moving: boolean;
  rate: number;
}

export interface PlayerOptions {
  timeline: Timeline;
  loop: boolean;
  frame?: number;
}

/** What the player needs of a video element. */
export type Screen = Pick<
  HTMLVideoElement,
  "play" | "pause" | "currentTime" | "playbackRate" | "ended" | "readyState"
> & {
  requestVideoFrameCallback?: HTMLVideoElement["requestVideoFrameCallback"];
};

/**
 * Plays the proxy and tells which annotated frame is on. Paused, it stands on an annotated frame
 * exactly. Where the video cannot play (no codec, no network) it steps through the annotated frames
 * instead, at the pace they were taken.
 */
export class Player {
  private state: PlayerState;
  private readonly timeline: Timeline;
  private readonly listeners = new Set<() => void>();
  private loop: boolean;
  private screen: Screen | null = null;
  private stepper: ReturnType<typeof setInterval> | null = null;
  private round = 0;

  constructor({ timeline, loop, frame = 0 }: PlayerOptions) {
    this.timeline = timeline;
    this.loop = loop;
    this.state = { frame, direction: 1, playing: false, moving: false, rate: 1 };
  }

  readonly read = (): PlayerState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The element to play in, or null when it is gone or of no use. */
  show(screen: Screen | null): void {
    if (this.screen === screen) return;
    const playing = this.state.playing;
    if (playing) this.pause();
    this.screen = screen;
    if (playing) this.play();
  }

  /** Stand on annotated frame `frame`; stops playing. */
  goTo(frame: number): void {
    const last = this.timeline.count - 1;
    const to = Math.max(0, Math.min(last, Math.round(frame)));
    this.halt();
    const { frame: from, direction } = this.state;
    this.set({
      frame: to,
      direction: to === from ? direction : to > from ? 1 : -1,
      playing: false,
      moving: false,
    });
  }

  step(by: number): void {
    this.goTo(this.state.frame + by);
  }

  toggle(): void {
    if (this.state.playing) this.pause();
    else this.play();
  }

  setRate(rate: number): void {
    if (this.screen) this.screen.playbackRate = rate;
    this.set({ rate });
    if (this.stepper !== null) {
      this.halt();
      this.startStepping();
    }
  }

  pause(): void {
    this.goTo(this.state.frame);
  }

  play(): void {
    if (this.state.playing) return;
    const atEnd = this.state.frame >= this.timeline.count - 1;
    const from = atEnd ? 0 : this.state.frame;
    this.set({ frame: from, direction: 1, playing: true, moving: false });
    if (this.screen) void this.startVideo(this.screen, from);
    else this.startStepping();
  }

  close(): void {
    this.halt();
    this.listeners.clear();
  }

  private async startVideo(screen: Screen, from: number): Promise<void> {
    const round = ++this.round;
    screen.playbackRate = this.state.rate;
    screen.currentTime = seekTime(this.timeline, timelineAt(this.timeline, from));
    try {
      await screen.play();
    } catch {
      if (round === this.round) this.startStepping();
      return;
    }
    if (round === this.round) this.follow(screen, round);
  }

  private follow(screen: Screen, round: number): void {
    const shown = (seconds: number) => {
      if (round !== this.round) return;
      const frame = annotatedAt(this.timeline, timelineAtTime(this.timeline, seconds));
      if (frame !== this.state.frame || !this.state.moving) this.set({ frame, moving: true });
      next();
    };
    const next = () => {
      if (screen.requestVideoFrameCallback) {
        screen.requestVideoFrameCallback((_now, { mediaTime }) => shown(mediaTime));
      } else {
        requestAnimationFrame(() => shown(screen.currentTime));
      }
    };
    next();
  }

  /** The element says that it ran out. */
  ended(screen: Screen): void {
    if (!this.state.playing || screen !== this.screen || this.stepper !== null) return;
    if (this.loop) {
      void this.startVideo(screen, 0);
    } else {
      this.goTo(this.timeline.count - 1);
    }
  }

  /** The element cannot play: go on with the annotated frames. */
  broke(screen: Screen): void {
    if (screen !== this.screen) return;
    this.show(null);
  }

  private startStepping(): void {
    const { fps, every, count } = this.timeline;
    this.set({ moving: false });
    this.stepper = setInterval(
      () => {
        const next = this.state.frame + 1;
        if (next < count) this.set({ frame: next });
        else if (this.loop) this.set({ frame: 0 });
        else this.pause();
      },
      (1000 * every) / fps / this.state.rate,
    );
  }

  private halt(): void {
    this.round++;
    if (this.stepper !== null) clearInterval(this.stepper);
    this.stepper = null;
    this.screen?.pause();
  }

  private set(change: Partial<PlayerState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
