/** What this browser remembers of uploads that are under way, so that a reload does not send a byte twice. */

import type { Id, Upload } from "@/api/models";

export interface Entry {
  upload: Id;
  video: Id;
  project: Id;
  name: string;
  /** Bytes. */
  size: number;
  part_size: number;
  part_count: number;
  expires_at: string;
}

type Ledger = Record<string, Entry>;

const KEY = "maskloop.uploads";

/** The same file chosen again for the same project has the same fingerprint. */
export const fingerprint = (
  project: Id,
  { name, size, lastModified }: Pick<File, "name" | "size" | "lastModified">,
): string => [project, size, lastModified, name].join("/");

export const newEntry = (project: Id, file: File, upload: Upload): Entry => ({
  upload: upload.id,
  video: upload.video,
  project,
  name: file.name,
  size: file.size,
  part_size: upload.part_size,
  part_count: upload.part_count,
  expires_at: upload.expires_at,
});

export const recall = (print: string): Entry | undefined => read()[print];

export const remember = (print: string, entry: Entry): void => write({ ...read(), [print]: entry });

export function forget(print: string): void {
  write(Object.fromEntries(Object.entries(read()).filter(([other]) => other !== print)));
}

/** Uploads of a project that were begun and not finished, by fingerprint. */
export const unfinished = (project: Id): [string, Entry][] =>
  Object.entries(read()).filter(([, entry]) => entry.project === project);

/** Entries past their time are left out: the server has swept their parts. */
function read(): Ledger {
  try {
    const all = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Ledger;
    return Object.fromEntries(
      Object.entries(all).filter(([, { expires_at }]) => new Date(expires_at).getTime() > Date.now()),
    );
  } catch {
    return {};
  }
}

function write(ledger: Ledger): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(ledger));
  } catch {
    // Storage may be full or forbidden: uploads then start over after a reload.
  }
}
