import { cut, putPart } from "@/api/parts";

import type { Id } from "./models";
import { listParts, signParts } from "./uploads";

interface Sending {
  signal: AbortSignal;
  onSent: (bytes: number) => void;
}

/** Brings a file to the store, part by part; what the store says it has, as completing asks for it. */
export async function sendFile(
  upload: { id: Id; part_size: number },
  file: File,
  { signal, onSent }: Sending,
): Promise<{ part_number: number; etag: string }[]> {
  let sent = 0;
  for (const part of cut(file.size, upload.part_size)) {
    const { [part.number]: url } = await signParts(upload.id, [part.number], signal);
    if (url === undefined) throw new Error("The store gave no address for a part. Try again.");
    await putPart(url, file.slice(part.start, part.end), signal, (bytes) => onSent(sent + bytes));
    sent = part.end;
    onSent(sent);
  }
  const parts = await listParts(upload.id, signal);
  return parts.map(({ part_number, etag }) => ({ part_number, etag }));
}
