import { expect, it } from "vitest";

import { serve } from "@/testing/server";

import { allRows, followPage } from "./pages";

it("reads a list to its end, in the order of its pages", async () => {
  const page = (n: number) => ({
    next: n < 3 ? `http://elsewhere/api/rows/?cursor=${n + 1}` : null,
    previous: null,
    results: [n * 2, n * 2 + 1],
  });
  const server = await serve(({ path }) => ({ body: page(Number(path.split("cursor=")[1])) }));
  const rows = await allRows<number>(followPage<number>("http://elsewhere/api/rows/?cursor=1"));
  expect(rows).toEqual([2, 3, 4, 5, 6, 7]);
  expect(server.received).toHaveLength(3);
});

it("ends where the server names pages for ever", async () => {
  const again = { next: "http://elsewhere/api/rows/", previous: null, results: [0] };
  const server = await serve(() => ({ body: again }));
  expect(await allRows<number>(Promise.resolve(again))).toHaveLength(50);
  expect(server.received).toHaveLength(49);
});
