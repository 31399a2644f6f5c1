import type { Video } from "@/api/models";
import { getFrames } from "@/api/videos";

import { Addresses } from "./addresses";
import { Frames } from "./frames";
import { Player } from "./player";
import type { Timeline } from "./timeline";

/** A video that is READY, opened: its size, its clocks, its pictures and its player. */
export interface Footage {
  video: Video;
  /** Pixels of a frame. */
  width: number;
  height: number;
  timeline: Timeline;
  frames: Frames;
  player: Player;
}

export interface FootageOptions {
  loop: boolean;
  frame: number;
}

export function openFootage(video: Video, { loop, frame }: FootageOptions): Footage {
  const width = video.width ?? 1;
  const height = video.height ?? 1;
  const count = video.frame_count ?? 1;
  const every = video.annotate_every;
  const timeline = {
    fps: video.fps,
    every,
    count,
    length: video.timeline_frame_count ?? (count - 1) * every + 1,
  };
  const addresses = new Addresses((start, size) => getFrames(video.id, start, size));
  const frames = new Frames({ count, addresses, frameBytes: width * height * 4 });
  const player = new Player({ timeline, loop, frame: Math.max(0, Math.min(count - 1, frame)) });
  return { video, width, height, timeline, frames, player };
}

export function closeFootage({ frames, player }: Footage): void {
  player.close();
  frames.close();
}
