import type { EffortRow, PaperRow } from "@/api/models";

/** A row for tests. */
export const row = (key: string, more: Partial<EffortRow> = {}): EffortRow => ({
  key,
  label: `Phase ${key}`,
  masklets: 2,
  frames: 84,
  active_seconds: 420,
  wait_seconds: 42,
  seconds_per_frame: 5,
  edited_frames_share: 0.2,
  clicked_frames: 12,
  clicks: 30,
  clicks_per_clicked_frame: 2.5,
  boxes: 1,
  masks: 0,
  strokes: 0,
  alignment: null,
  ...more,
});

export const PAPER: PaperRow[] = [
  {
    phase: 1,
    seconds_per_frame: 37.8,
    edited_frames_share: 1,
    clicks_per_clicked_frame: 4.8,
    alignment: null,
  },
  {
    phase: 2,
    seconds_per_frame: 7.4,
    edited_frames_share: 0.2325,
    clicks_per_clicked_frame: 3.61,
    alignment: { all: 0.864, small: 0.713, medium: 0.804, large: 0.979, masks: 0 },
  },
  {
    phase: 3,
    seconds_per_frame: 4.5,
    edited_frames_share: 0.1904,
    clicks_per_clicked_frame: 2.68,
    alignment: { all: 0.891, small: 0.728, medium: 0.818, large: 1, masks: 0 },
  },
];
