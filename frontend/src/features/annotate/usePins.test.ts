import { expect, it } from "vitest";

import { strokesOn } from "./usePins";

it("draws on a frame what was drawn there, and nothing of other frames", () => {
  const pins = [
    {
      frame_idx: 3,
      note: "tail",
      strokes: [
        [
          [1, 2],
          [3, 4],
        ],
        [[5, 6]],
      ],
    },
    { frame_idx: 4, note: "ear", strokes: [[[7, 8]]] },
  ];
  expect(strokesOn(3, pins)).toMatchObject([
    {
      kind: "stroke",
      points: [
        [1, 2],
        [3, 4],
      ],
    },
    { points: [[5, 6]] },
  ]);
  expect(new Set(strokesOn(3, pins).map(({ key }) => key)).size).toBe(2);
  expect(strokesOn(0, pins)).toEqual([]);
});
