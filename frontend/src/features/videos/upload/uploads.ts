import { isApiError, newIdempotencyKey } from "@/api/client";
import type { Id } from "@/api/models";
import { abortUpload } from "@/api/uploads";

import { fingerprint, forget, recall } from "./ledger";
import { transfer } from "./transfer";

export type UploadStatus = "waiting" | "sending" | "finishing" | "paused" | "failed" | "done";

export interface UploadItem {
  /** The file's fingerprint. */
  id: string;
  project: Id;
  name: string;
  /** Bytes. */
  size: number;
  sent: number;
  status: UploadStatus;
  error: Error | null;
  /** It is no video: trying again does not help. */
  refused: boolean;
  video: Id | null;
  /** Where the video is that came from the same file; the upload waits for a word. */
  twin: string | null;
}

interface Held {
  file: File;
  idempotencyKey: string;
  stop: AbortController;
  /** It is meant to come once more. */
  again?: boolean;
}

const FILES_AT_ONCE = 2;

/** The uploads of this tab. They live beside the pages, so that walking around does not stop them. */
export class Uploads {
  #items: readonly UploadItem[] = [];
  #files = new Map<string, Held>();
  #listeners = new Set<() => void>();
  #onVideo: () => void = () => undefined;

  get items(): readonly UploadItem[] {
    return this.#items;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): readonly UploadItem[] => this.#items;

  /** Called whenever a video's row appeared or changed because of an upload. */
  set onVideo(listener: () => void) {
    this.#onVideo = listener;
  }

  /** Queues files. One that is here already goes on if it had stopped. */
  add(project: Id, files: Iterable<File>): void {
    for (const file of files) {
      const id = fingerprint(project, file);
      const known = this.#find(id);
      if (known && known.status !== "done") {
        this.resume(id);
        continue;
      }
      const problem = whyNot(file);
      this.#files.set(id, { file, idempotencyKey: newIdempotencyKey(), stop: new AbortController() });
      const item: UploadItem = {
        id,
        project,
        name: file.name,
        size: file.size,
        sent: 0,
        status: problem ? "failed" : "waiting",
        error: problem ? new Error(problem) : null,
        refused: problem !== undefined,
        video: null,
        twin: null,
      };
      this.#set([...this.#items.filter((other) => other.id !== id), item]);
    }
    this.#pump();
  }

  pause(id: string): void {
    this.#files.get(id)?.stop.abort(new DOMException("Paused", "AbortError"));
    this.#change(id, { status: "paused" });
    this.#pump();
  }

  resume(id: string): void {
    const held = this.#files.get(id);
    const item = this.#find(id);
    if (!held || !item || item.refused || (item.status !== "paused" && item.status !== "failed")) return;
    held.stop = new AbortController();
    this.#change(id, { status: "waiting", error: null });
    this.#pump();
  }

  /** Sends a file that the project has already. */
  sendAgain(id: string): void {
    const held = this.#files.get(id);
    if (!held) return;
    // Another wish than the one that was refused.
    Object.assign(held, { again: true, idempotencyKey: newIdempotencyKey() });
    this.#change(id, { twin: null });
    this.resume(id);
  }

  /** Stops, and has the store throw away what arrived. */
  async cancel(id: string): Promise<void> {
    this.#files.get(id)?.stop.abort(new DOMException("Cancelled", "AbortError"));
    this.dismiss(id);
    await discard(id);
    this.#onVideo();
  }

  /** Takes a finished or refused item off the list. */
  dismiss(id: string): void {
    this.#files.delete(id);
    this.#set(this.#items.filter((item) => item.id !== id));
    this.#pump();
  }

  get active(): boolean {
    return this.#items.some(
      ({ status }) => status === "waiting" || status === "sending" || status === "finishing",
    );
  }

  #pump(): void {
    const sending = this.#items.filter(({ status }) => status === "sending" || status === "finishing").length;
    for (const item of this.#items
      .filter(({ status }) => status === "waiting")
      .slice(0, Math.max(0, FILES_AT_ONCE - sending))) {
      void this.#send(item.id);
    }
  }

  async #send(id: string): Promise<void> {
    const held = this.#files.get(id);
    const item = this.#find(id);
    if (!held || !item) return;
    const { signal } = held.stop;
    this.#change(id, { status: "sending" });
    try {
      const video = await transfer({
        project: item.project,
        file: held.file,
        idempotencyKey: held.idempotencyKey,
        again: held.again ?? false,
        signal,
        onSent: (sent) => {
          if (!signal.aborted) this.#change(id, { sent });
        },
        onFinishing: () => this.#change(id, { status: "finishing" }),
        onBegun: (entry) => {
          this.#change(id, { video: entry.video });
          this.#onVideo();
        },
      });
      this.#change(id, { status: "done", sent: item.size, video: video.id });
      this.#onVideo();
    } catch (error) {
      if (!signal.aborted)
        this.#change(id, { status: "failed", error: error as Error, twin: twinOf(error, item.project) });
    }
    this.#pump();
  }

  #find = (id: string): UploadItem | undefined => this.#items.find((item) => item.id === id);

  #change(id: string, change: Partial<UploadItem>): void {
    this.#set(this.#items.map((item) => (item.id === id ? { ...item, ...change } : item)));
  }

  #set(items: readonly UploadItem[]): void {
    this.#items = items;
    for (const listener of this.#listeners) listener();
  }
}

/** Where to find the video that the server knows the file by. */
function twinOf(error: unknown, project: Id): string | null {
  if (!isApiError(error, "already_here")) return null;
  const { video, in_bin } = error.details as { video: Id; in_bin?: boolean };
  return in_bin ? `/projects/${project}/bin` : `/videos/${video}`;
}

/** Throws away an upload that was begun, whether its file is at hand or not. */
export async function discard(print: string): Promise<void> {
  const entry = recall(print);
  forget(print);
  // A server that cannot be reached sweeps it when its time is up.
  if (entry) await abortUpload(entry.upload).catch(() => undefined);
}

/** A file that is certainly no video is refused before a byte is sent. The server has the last word. */
export function whyNot(file: Pick<File, "name" | "size" | "type">): string | undefined {
  if (file.size === 0) return `${file.name} is empty. Choose the original file.`;
  const kind = file.type.split("/")[0];
  // A gif is an "image", and where TypeScript is known a transport stream is "text".
  const moves = /\.(gif|avif|m?ts)$/i.test(file.name);
  if ((["image", "text", "audio", "font"].includes(kind) && !moves) || file.type === "application/pdf")
    return `${file.name} is not a video. Choose an mp4, mov, mkv, webm, avi or gif file, or a zip of numbered pictures.`;
  return undefined;
}

export const uploads = new Uploads();
