import { beginImport, completeImport } from "@/api/imports";
import type { DatasetImport, Id, ImportPolicy } from "@/api/models";
import { sendFile } from "@/api/sendFile";

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
  return completeImport(upload.dataset_import, await sendFile(upload, file, { signal, onSent }));
}
