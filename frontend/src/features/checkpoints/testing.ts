import type { Checkpoint } from "@/api/models";

/** A checkpoint for tests. */
export const checkpoint = (
  id: number,
  parent: number | null = null,
  more: Partial<Checkpoint> = {},
): Checkpoint => ({
  id,
  project: 1,
  name: `checkpoint ${id}`,
  location: "",
  status: "evaluated",
  active: false,
  built_in: false,
  parent,
  run: parent === null ? null : id * 10,
  release: null,
  release_name: "",
  base: null,
  settings: null,
  evaluation: null,
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});
