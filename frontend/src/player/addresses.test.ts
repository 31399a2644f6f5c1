import { describe, expect, it } from "vitest";

import { Addresses } from "./addresses";

function store() {
  const asked: number[] = [];
  let time = 0;
  const addresses = new Addresses(
    (start, count) => {
      asked.push(start);
      const frames = Array.from({ length: Math.min(count, 450 - start) }, (_, i) => ({
        frame_idx: start + i,
        url: `/${start + i}?asked=${asked.length}`,
      }));
      return Promise.resolve({ frames, expires_in: 600 });
    },
    () => time,
  );
  return { addresses, asked, pass: (ms: number) => (time += ms) };
}

describe("Addresses", () => {
  it("asks once for a page, however many frames want it", async () => {
    const { addresses, asked } = store();
    const urls = await Promise.all([3, 199, 200].map((j) => addresses.of(j)));
    expect(asked).toEqual([0, 200]);
    expect(urls[0]).toBe("/3?asked=1");
  });

  it("asks again before an address expires, and after one was refused", async () => {
    const { addresses, asked, pass } = store();
    await addresses.of(0);
    pass(540_000);
    await addresses.of(0);
    expect(asked).toHaveLength(1);
    pass(40_000);
    expect(await addresses.of(0)).toBe("/0?asked=2");
    addresses.drop(0);
    expect(await addresses.of(0)).toBe("/0?asked=3");
  });

  it("says which frame there is not", async () => {
    await expect(store().addresses.of(450)).rejects.toThrow("no frame 450");
  });
});
