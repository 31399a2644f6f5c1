import type { Rle } from "@/api/models";

import type { Contours } from "./contours";

/** Everything that is ever said to the shapes worker. */
export type ToWorker = { type: "trace"; id: number; rle: Rle };

/** Everything that it ever answers. */
export type FromWorker =
  { type: "traced"; id: number; contours: Contours } | { type: "refused"; id: number; message: string };
