import { createHash } from "node:crypto";

import { expect, test } from "vitest";

import { digestOf } from "./digest";

const MIB = 2 ** 20;

test.each([0, 1, MIB - 1, MIB + 5, 3 * MIB + 7])(
  "a file of %d bytes is known by its size and its ends",
  async (size) => {
    const content = Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251));
    const ends = [content.subarray(0, MIB), content.subarray(Math.max(0, size - MIB))];
    const known = createHash("sha256").update(String(size));
    for (const end of ends) known.update(end);
    expect(await digestOf(new Blob([content]))).toBe(known.digest("hex"));
  },
);
