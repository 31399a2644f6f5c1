import { expect, test } from "vitest";

import { curves } from "./curves";

test("losses and validations become lines in the words that people use", () => {
  const { loss, validation } = curves([
    { step: 10, loss: 3 },
    { step: 20, loss: 2 },
    { step: 20, validation: { iou_after_mask: 0.5, present_recall: 0.1 } },
  ]);
  expect(loss).toEqual([
    {
      name: "loss",
      points: [
        [10, 3],
        [20, 2],
      ],
    },
  ]);
  expect(validation.map(({ name }) => name)).toEqual(["tracking (mask)"]);
  expect(curves([])).toEqual({ loss: [], validation: [] });
});
