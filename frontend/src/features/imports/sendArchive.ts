import { beginImport, completeImport } from "@/api/imports";
import type { DatasetImport, Id, ImportPolicy } from "@/api/models";
import { listParts, signParts } from "@/api/uploads";
import { cut, putPart } from "@/lib/parts";

interface Sending {
  project: Id;
  file: File;
  policy: ImportPolicy;
  idempotencyKey: string;
  signal: AbortSignal;
  onSent: (bytes: number) => void;
}

/** Brings an archive to the store, part by part, and has it read. */
export async function sendArchive({
  project,
  file,
  policy,
  idempotencyKey,
  signal,
  onSent,
}: Sending): Promise<DatasetImport> {
  const upload = await beginImport(project, { name: file.name, size: file.size, policy }, idempotencyKey);
  let sent = 0;
  for (const part of cut(file.size, upload.part_size)) {
    const { [part.number]: url } = await signParts(upload.id, [part.number], signal);
    if (url === undefined) throw new Error("The store gave no address for a part. Try again.");
    await putPart(url, file.slice(part.start, part.end), signal, (bytes) => onSent(sent + bytes));
    sent = part.end;
    onSent(sent);
  }
  const parts = await listParts(upload.id, signal);
  return completeImport(
    upload.dataset_import,
    parts.map(({ part_number, etag }) => ({ part_number, etag })),
  );
}
