import type { TrainingEntry } from "@/api/models";

import { smooth, type Point, type Series } from "@/ui";

export interface Curves {
  loss: Series[];
  /**
   * IoU on footage that is not trained on: of the frames that follow a prompt, and of one frame after
   * clicks.
   */
  validation: Series[];
}

/** What the trainer measures on the way that says most, in the words of the figures. */
const VALIDATED: Record<string, string> = {
  iou_after_mask: "tracking (mask)",
  iou_after_click: "tracking (click)",
  iou_1_click: "1 click",
  iou_3_clicks: "3 clicks",
};

export function curves(entries: readonly TrainingEntry[]): Curves {
  const losses = entries.flatMap(({ step, loss }): Point[] => (loss === undefined ? [] : [[step, loss]]));
  const validation = Object.entries(VALIDATED).map(([key, name]) => ({
    name,
    points: entries.flatMap(({ step, validation }): Point[] =>
      validation?.[key] === undefined ? [] : [[step, validation[key]]],
    ),
  }));
  return {
    loss: losses.length > 0 ? [{ name: "loss", points: smooth(losses) }] : [],
    validation: validation.filter(({ points }) => points.length > 0),
  };
}
