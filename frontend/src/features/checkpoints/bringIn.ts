import { beginCheckpointImport, completeCheckpointImport } from "@/api/checkpointImports";
import type { CheckpointImport, Id } from "@/api/models";
import { sendFile } from "@/api/sendFile";

interface Wish {
  project: Id;
  name: string;
  /** A file, or a location that the installation allows. */
  source: File | string;
  idempotencyKey: string;
  signal: AbortSignal;
  onSent: (bytes: number) => void;
}

/** Has a checkpoint read: what is named at once, a file once it has arrived. */
export async function bringIn({
  project,
  name,
  source,
  idempotencyKey,
  ...sending
}: Wish): Promise<CheckpointImport> {
  const coming =
    typeof source === "string"
      ? { name, location: source, file: "", size: 0 }
      : { name, location: "", file: source.name, size: source.size };
  const begun = await beginCheckpointImport(project, coming, idempotencyKey);
  if (typeof source === "string" || !begun.upload) return begun;
  return completeCheckpointImport(begun.id, await sendFile(begun.upload, source, sending));
}
