import { expect, test, vi } from "vitest";

import { json, serve, type Received } from "@/testing/server";

import { PartFailed } from "./parts";
import { sendFile } from "./sendFile";

const upload = { id: 7, part_size: 4 };
const file = new File(["aaaabbbbcc"], "weights.zip");
const sign = (request: Received) => (json(request) as { part_numbers: number[] }).part_numbers;

/** The API and the store in one server; `put` says how the store answers a part, by its number. */
async function store(put: (number: number) => number = () => 200) {
  const kept: string[] = [];
  const server = await serve((request) => {
    const { path, method, body } = request;
    const [, number] = path.match(/^\/s3\/(\d+)$/) ?? [];
    if (number) {
      const status = put(Number(number));
      if (status === 200) kept.push(body.toString());
      return status;
    }
    if (method === "POST") {
      const urls = sign(request).map((part): [number, string] => [part, `${server.origin}/s3/${part}`]);
      return { body: { urls: Object.fromEntries(urls) } };
    }
    const parts = kept.map((text, at) => ({ part_number: at + 1, etag: `"${text}"`, size: text.length }));
    return { body: { parts } };
  });
  return { ...server, kept };
}

const send = (signal = new AbortController().signal, onSent = vi.fn()) =>
  sendFile(upload, file, { signal, onSent });

test("a file goes to the store part by part, and what the store has is what completing asks for", async () => {
  const { kept } = await store();
  const onSent = vi.fn<(bytes: number) => void>();
  const parts = await send(undefined, onSent);
  expect(kept).toEqual(["aaaa", "bbbb", "cc"]);
  expect(parts).toEqual([
    { part_number: 1, etag: '"aaaa"' },
    { part_number: 2, etag: '"bbbb"' },
    { part_number: 3, etag: '"cc"' },
  ]);
  const told = onSent.mock.calls.map(([bytes]) => bytes);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(file.size);
});

test("each part is asked an address for just before it is sent, since addresses live shortly", async () => {
  const { received } = await store();
  await send();
  const order = received.map(({ method, path }) => `${method} ${path}`);
  expect(order.slice(0, 4)).toEqual([
    "POST /api/uploads/7/parts/",
    "PUT /s3/1",
    "POST /api/uploads/7/parts/",
    "PUT /s3/2",
  ]);
});

test("a part that the store refuses ends it with a sentence and the status; nothing more is sent", async () => {
  const { kept } = await store((number) => (number === 2 ? 403 : 200));
  const error: unknown = await send().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PartFailed);
  expect(error).toMatchObject({ status: 403 });
  expect((error as Error).message).toMatch(/What arrived is safe/);
  expect(kept).toEqual(["aaaa"]);
});

test("an address that is missing is told, and no part goes anywhere", async () => {
  const { received } = await serve(() => ({ body: { urls: {} } }));
  await expect(send()).rejects.toThrow("The store gave no address");
  expect(received.filter(({ method }) => method === "PUT")).toEqual([]);
});

test("who stops it hears their own reason, and the rest stays here", async () => {
  const stop = new AbortController();
  const { kept } = await store((number) => {
    if (number === 2) stop.abort(new Error("stopped by hand"));
    return 200;
  });
  await expect(send(stop.signal)).rejects.toThrow("stopped by hand");
  expect(kept.length).toBeLessThan(3);
});

test("what is stopped before it began sends nothing", async () => {
  const { received } = await store();
  await expect(send(AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
  expect(received.filter(({ method }) => method === "PUT")).toEqual([]);
});
