import { useEffect } from "react";

import type { Player } from "./player";

/** The frame that the address names, counted from 0; `?frame=1` is the first one. */
export function frameInAddress(): number | null {
  const text = new URLSearchParams(location.search).get("frame");
  return text && /^[1-9]\d{0,8}$/.test(text) ? Number(text) - 1 : null;
}

const CALM_MS = 200;

/** Keeps the address naming the frame one stands on, so that a reload comes back to it. */
export function useFrameInAddress(player: Player): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = () => {
      const { frame, playing } = player.read();
      if (playing || frameInAddress() === frame) return;
      const url = new URL(location.href);
      url.searchParams.set("frame", String(frame + 1));
      history.replaceState(history.state, "", url);
    };
    const stop = player.subscribe(() => {
      clearTimeout(timer);
      timer = setTimeout(write, CALM_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [player]);
}
