import { isApiError } from "@/api/client";
import type { Id, UploadedPart, Video } from "@/api/models";
import { completeUpload, createUpload, listParts, signParts } from "@/api/uploads";
import { getVideo } from "@/api/videos";

import { digestOf } from "./digest";
import { fingerprint, forget, newEntry, recall, remember, type Entry } from "./ledger";
import { cut, putPart, type Part } from "@/api/parts";

const PARTS_AT_ONCE = 3;
const RETRY_DELAYS_MS = [1000, 2000, 4000, 8000, 16_000];

export interface TransferOptions {
  project: Id;
  file: File;
  /** Names the wish to upload this file, over retries. */
  idempotencyKey: string;
  /** Sends it although the project has the same file. */
  again?: boolean;
  /**
   * Stops the sending; what arrived stays in the store, and the next transfer of the file goes on from
   * there.
   */
  signal: AbortSignal;
  /** Bytes that the store holds or that are on their way. */
  onSent: (bytes: number) => void;
  /** The video's row exists. */
  onBegun: (entry: Entry) => void;
  /** Every part is sent; what is left is the server's work. */
  onFinishing: () => void;
}

/**
 * Brings one file to the store, straight from the browser, and hands it to ingest.
 * 1. Begin, or find the upload that an earlier try began.
 * 2. Ask the store which parts it holds, and send the others.
 * 3. Complete with the store's own list, which also proves that every part arrived.
 */
export async function transfer(options: TransferOptions): Promise<Video> {
  const { project, file, signal, onSent, onBegun, onFinishing } = options;
  const print = fingerprint(project, file);
  const known = recall(print);
  let entry = known;
  let held = known && (await listParts(known.upload, signal).catch(unlessGone));
  if (known && !held) {
    forget(print);
    const video = await completed(known);
    if (video) return video;
  }
  if (!entry || !held) {
    entry = await begin(options, known ? crypto.randomUUID() : options.idempotencyKey);
    remember(print, entry);
    held = [];
  }
  onBegun(entry);
  const parts = cut(file.size, entry.part_size);
  await sendAll(parts, entry, file, held, signal, onSent);
  onFinishing();
  const arrived = await listParts(entry.upload, signal);
  if (missing(parts, arrived).length > 0)
    throw new Error(
      "Some parts did not arrive in the store. The others are safe; press Retry to send the rest.",
    );
  const video = await complete(entry, arrived);
  forget(print);
  return video;
}

async function begin(
  { project, file, again = false }: TransferOptions,
  idempotencyKey: string,
): Promise<Entry> {
  const wish = {
    name: file.name,
    size: file.size,
    content_type: file.type || "application/octet-stream",
    fingerprint: await digestOf(file),
    again,
  };
  return newEntry(project, file, await createUpload(project, wish, idempotencyKey));
}

/** An upload that the server does not know (any more) is no failure, but a reason to begin anew. */
function unlessGone(error: unknown): undefined {
  if (!isApiError(error) || (error.status !== 404 && error.status !== 409)) throw error;
}

/** An answer that was lost on the way is no failure: the video itself tells whether it was completed. */
async function complete(entry: Entry, arrived: UploadedPart[]): Promise<Video> {
  try {
    return await completeUpload(
      entry.upload,
      arrived.map(({ part_number, etag }) => ({ part_number, etag })),
    );
  } catch (error) {
    const video = await completed(entry);
    if (video === null) throw error;
    return video;
  }
}

async function completed({ video: id }: Entry): Promise<Video | null> {
  const video = await getVideo(id).catch(() => null);
  return video === null || video.status === "uploading" ? null : video;
}

const missing = (parts: Part[], held: UploadedPart[]): Part[] => {
  const sizes = new Map(held.map(({ part_number, size }) => [part_number, size]));
  return parts.filter(({ number, start, end }) => sizes.get(number) !== end - start);
};

async function sendAll(
  parts: Part[],
  entry: Entry,
  file: File,
  held: UploadedPart[],
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  const queue = missing(parts, held);
  const left = new Map(queue.map(({ number, start, end }) => [number, end - start]));
  const report = () => onSent(file.size - [...left.values()].reduce((sum, bytes) => sum + bytes, 0));
  report();

  // When one part fails for good, the others stop too, or they would go on behind a transfer that has ended.
  const ours = new AbortController();
  const either = AbortSignal.any([signal, ours.signal]);
  const lane = async () => {
    for (let part = queue.shift(); part; part = queue.shift()) {
      const { number, start, end } = part;
      await sendPart(part, entry, file, either, (sent) => {
        left.set(number, Math.max(0, end - start - sent));
        report();
      });
      left.set(number, 0);
      report();
    }
  };
  try {
    await Promise.all(Array.from({ length: PARTS_AT_ONCE }, lane));
  } catch (error) {
    ours.abort(error);
    throw error;
  }
}

/** Sends one part; a failure gets a fresh address (the old one may have run out) after a growing pause. */
async function sendPart(
  part: Part,
  entry: Entry,
  file: File,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  const blob = file.slice(part.start, part.end);
  for (let attempt = 0; ; attempt++) {
    try {
      const urls = await signParts(entry.upload, [part.number], signal);
      return await putPart(urls[part.number], blob, signal, onSent);
    } catch (error) {
      onSent(0);
      const gone = isApiError(error) && error.status >= 400 && error.status < 500;
      if (signal.aborted || gone || attempt >= RETRY_DELAYS_MS.length) throw error;
      await pause(RETRY_DELAYS_MS[attempt], signal);
    }
  }
}

/** Waits, but not longer than until the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const end = (settle: () => void) => () => {
      clearTimeout(timer);
      done.abort();
      settle();
    };
    const timer = setTimeout(end(resolve), ms);
    window.addEventListener("online", end(resolve), { signal: done.signal });
    signal.addEventListener(
      "abort",
      end(() => reject(signal.reason as Error)),
      { signal: done.signal },
    );
  });
}
