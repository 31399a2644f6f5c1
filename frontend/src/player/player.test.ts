import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Player, type Screen } from "./player";
import type { Timeline } from "./timeline";

const timeline: Timeline = { fps: 24, every: 4, length: 40, count: 10 };

/** A video element that shows a frame when the test says so. */
class FakeScreen implements Screen {
  currentTime = 0;
  playbackRate = 1;
  ended = false;
  readyState = 4;
  playing = false;
  refuses = false;
  private waiting: VideoFrameRequestCallback | null = null;

  play() {
    if (this.refuses) return Promise.reject(new DOMException("no codec", "NotSupportedError"));
    this.playing = true;
    return Promise.resolve();
  }

  pause() {
    this.playing = false;
  }

  requestVideoFrameCallback(callback: VideoFrameRequestCallback) {
    this.waiting = callback;
    return 1;
  }

  present(timelineFrame: number) {
    const callback = this.waiting;
    this.waiting = null;
    callback?.(0, { mediaTime: timelineFrame / 24 } as VideoFrameCallbackMetadata);
  }
}

describe("Player", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("follows the frames that the video presents", async () => {
    const screen = new FakeScreen();
    const player = new Player({ timeline, loop: false, frame: 2 });
    player.show(screen);
    player.play();
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.currentTime).toBeCloseTo(8.5 / 24);
    expect(player.read()).toMatchObject({ frame: 2, playing: true, moving: false });
    screen.present(11);
    expect(player.read()).toMatchObject({ frame: 2, moving: true });
    screen.present(12);
    expect(player.read().frame).toBe(3);
  });

  it("stands on an annotated frame, its picture on show, when paused", async () => {
    const screen = new FakeScreen();
    const player = new Player({ timeline, loop: false });
    player.show(screen);
    player.play();
    await vi.advanceTimersByTimeAsync(0);
    screen.present(14);
    player.pause();
    screen.present(20);
    expect(player.read()).toMatchObject({ frame: 3, playing: false, moving: false });
    expect(screen.playing).toBe(false);
  });

  it("begins again from the start at the end, and goes round when it loops", async () => {
    const screen = new FakeScreen();
    const player = new Player({ timeline, loop: true, frame: 9 });
    player.show(screen);
    player.play();
    expect(player.read().frame).toBe(0);
    await vi.advanceTimersByTimeAsync(0);
    screen.present(39);
    player.ended(screen);
    await vi.advanceTimersByTimeAsync(0);
    screen.present(0);
    expect(player.read()).toMatchObject({ frame: 0, playing: true });
  });

  it("stays on the last frame when it does not loop", async () => {
    const screen = new FakeScreen();
    const player = new Player({ timeline, loop: false });
    player.show(screen);
    player.play();
    await vi.advanceTimersByTimeAsync(0);
    player.ended(screen);
    expect(player.read()).toMatchObject({ frame: 9, playing: false });
  });

  it("steps through the annotated frames where the video cannot play", async () => {
    const screen = new FakeScreen();
    screen.refuses = true;
    const player = new Player({ timeline, loop: false });
    player.show(screen);
    player.play();
    await vi.advanceTimersByTimeAsync(350);
    expect(player.read()).toMatchObject({ frame: 2, playing: true, moving: false });
    await vi.advanceTimersByTimeAsync(5000);
    expect(player.read()).toMatchObject({ frame: 9, playing: false });
  });

  it("remembers where one is heading and stays inside the video", () => {
    const player = new Player({ timeline, loop: false, frame: 5 });
    player.step(-2);
    expect(player.read()).toMatchObject({ frame: 3, direction: -1 });
    player.step(-9);
    expect(player.read()).toMatchObject({ frame: 0, direction: -1 });
    player.goTo(99);
    expect(player.read()).toMatchObject({ frame: 9, direction: 1 });
  });
});
