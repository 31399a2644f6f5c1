import { ApiError } from "@/api/client";

export interface LeaseKeeper {
  /** How long a lease lasts without a heartbeat. */
  seconds: number;
  beat: () => Promise<unknown>;
  /** The server says that it is ours no more. */
  onLost: () => void;
  /** Whether the server could be reached. */
  onContact: (reached: boolean) => void;
}

const SOON_MS = 3000;

/**
 * Heartbeats a lease four times in its life, at once when the page comes back into view, and more
 * often while the server cannot be reached. Only the server can say that a lease is lost.
 * @returns a function that stops.
 */
export function keepLease({ seconds, beat, onLost, onContact }: LeaseKeeper): () => void {
  const pace = (seconds * 1000) / 4;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let beating = false;

  const schedule = (ms: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void attempt(), ms);
  };

  const attempt = async () => {
    if (beating || stopped) return;
    beating = true;
    try {
      await beat();
      if (!stopped) onContact(true);
      schedule(pace);
    } catch (error) {
      if (stopped) return;
      if (isRefusal(error)) return lost();
      onContact(false);
      schedule(Math.min(SOON_MS, pace));
    } finally {
      beating = false;
    }
  };

  const lost = () => {
    stop();
    onLost();
  };
  const seen = () => {
    if (document.visibilityState === "visible") schedule(0);
  };
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("online", seen);
  };

  document.addEventListener("visibilitychange", seen);
  window.addEventListener("online", seen);
  schedule(pace);
  return stop;
}

/** An answer that will not change by asking again; no answer, or a failing server, is not one. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.status >= 400 &&
    error.status < 500 &&
    ![408, 429].includes(error.status)
  );
}
