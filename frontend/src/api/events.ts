/** The live events of a run: server-sent, resumable, closed by a terminal status. */

import type { Failure, Id, Progress, Rle, RunResult, RunStatus } from "./models";
import { isLive } from "./runs";

export interface MaskEvent extends Rle {
  frame_idx: number;
  predicted_iou: number;
  object_score: number;
  stability: number;
}

export interface StatusEvent {
  status: RunStatus;
  error: Failure | null;
  result: RunResult;
}

export type RunEvent =
  | { kind: "mask"; id: string; data: MaskEvent }
  | { kind: "progress"; id: string; data: Progress }
  | { kind: "status"; id: string; data: StatusEvent };

/** `lost` means that we are trying again by ourselves; the work goes on in the meantime. */
export type Connection = "connecting" | "open" | "lost" | "closed";

export interface RunListeners {
  onEvent: (event: RunEvent) => void;
  onConnection?: (connection: Connection) => void;
}

const RETRY_DELAYS_MS = [500, 1000, 2000, 5000];

/**
 * Follows a run until its terminal status, over reconnections.
 * An event may arrive twice after a reconnection; a mask is named by its frame, so applying it again changes
 * nothing.
 * @returns a function that stops following (it does not cancel the run).
 */
export function followRun(
  streamsOrigin: string,
  run: Id,
  { onEvent, onConnection }: RunListeners,
): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastId = "";
  let failures = 0;

  const close = (): void => {
    clearTimeout(timer);
    source?.close();
    source = null;
    onConnection?.("closed");
  };

  const receive =
    (kind: RunEvent["kind"]) =>
    (message: MessageEvent<string>): void => {
      if (source === null) return;
      failures = 0;
      if (message.lastEventId) lastId = message.lastEventId;
      const event = parseRunEvent(kind, message.data, lastId);
      if (event === null) return;
      onEvent(event);
      if (event.kind === "status" && !isLive(event.data.status)) close();
    };

  const open = (): void => {
    onConnection?.(failures === 0 ? "connecting" : "lost");
    source = new EventSource(eventsUrl(streamsOrigin, run, lastId), { withCredentials: true });
    source.onopen = () => onConnection?.("open");
    source.onerror = () => {
      if (source === null) return;
      onConnection?.("lost");
      // The browser reconnects by itself unless it was refused; then it is our turn.
      if (source.readyState !== EventSource.CLOSED) return;
      source.close();
      timer = setTimeout(open, RETRY_DELAYS_MS[Math.min(failures++, RETRY_DELAYS_MS.length - 1)]);
    };
    for (const kind of ["mask", "progress", "status"] as const) source.addEventListener(kind, receive(kind));
  };

  open();
  return close;
}

/** A new EventSource cannot send Last-Event-ID, so the place to resume from travels in the address too. */
function eventsUrl(streamsOrigin: string, run: Id, lastId: string): string {
  const url = `${streamsOrigin}/api/runs/${run}/events/`;
  return lastId ? `${url}?last_event_id=${encodeURIComponent(lastId)}` : url;
}

/** `null` for what does not look like an event: a newer server may say more than we know. */
export function parseRunEvent(kind: RunEvent["kind"], text: string, id: string): RunEvent | null {
  const data = parseObject(text);
  if (data === null) return null;
  switch (kind) {
    case "mask":
      return typeof data.frame_idx === "number" && typeof data.counts === "string" && Array.isArray(data.size)
        ? { kind, id, data: data as unknown as MaskEvent }
        : null;
    case "progress":
      return typeof data.done === "number" ? { kind, id, data: data as unknown as Progress } : null;
    case "status":
      return typeof data.status === "string"
        ? { kind, id, data: { error: null, result: {}, ...data } as unknown as StatusEvent }
        : null;
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
