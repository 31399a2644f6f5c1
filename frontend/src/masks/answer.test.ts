import { expect, it } from "vitest";

import { answer } from "./answer";

it("answers a mask with its outline, under the number it was asked by", () => {
  const reply = answer({ type: "trace", id: 4, rle: { size: [4, 5], counts: "11b0" } });
  expect(reply).toMatchObject({ type: "traced", id: 4, contours: { area: 1, bounds: [0, 1, 1, 2] } });
});

it("answers a broken mask with a reason and goes on", () => {
  expect(answer({ type: "trace", id: 5, rle: { size: [4, 5], counts: "<" } })).toEqual({
    type: "refused",
    id: 5,
    message: "The counts cover 12 pixels, the frame has 20.",
  });
});
