import { expect, test, vi } from "vitest";

import { isApiError } from "@/api/client";
import { json, serve, type Received } from "@/testing/server";

import { fingerprint, newEntry, recall, remember } from "./ledger";
import { cut } from "@/api/parts";
import { transfer } from "./transfer";

const PART = 4;
const file = new File(["aaaabbbbcc"], "clip.mp4", { type: "video/mp4", lastModified: 1 });
const print = fingerprint(1, file);
const upload = (id: number) => ({
  id,
  video: 50 + id,
  size: 10,
  part_size: PART,
  part_count: 3,
  expires_at: new Date(Date.now() + 60_000).toISOString(),
});

/** The API and the store of one upload, in one server. */
async function store({
  held = {},
  refuse = [],
  loseAnswer = false,
}: { held?: Record<number, string>; refuse?: number[]; loseAnswer?: boolean } = {}) {
  let status = "uploading";
  const parts = new Map(Object.entries(held));
  const refusals = [...refuse];
  const answer = ({ method, path, body, ...rest }: Received) => {
    const [, , number] = path.match(/^\/s3\/(\d+)\/(\d+)$/) ?? [];
    if (number) {
      if (refusals[0] === Number(number)) return refusals.shift() && 403;
      parts.set(number, body.toString());
      return 200;
    }
    if (path === "/api/projects/1/uploads/") return { status: 201, body: upload(7) };
    if (path === "/api/uploads/6/parts/")
      return { status: 404, body: { code: "not_found", message: "gone", details: {} } };
    if (path === "/api/uploads/7/parts/" && method === "POST") {
      const { part_numbers } = json({ method, path, body, ...rest }) as { part_numbers: number[] };
      return {
        body: { urls: Object.fromEntries(part_numbers.map((n) => [n, `${server.origin}/s3/7/${n}`])) },
      };
    }
    if (path === "/api/uploads/7/parts/")
      return {
        body: {
          parts: [...parts].map(([n, text]) => ({
            part_number: Number(n),
            etag: `"${n}"`,
            size: text.length,
          })),
        },
      };
    if (path === "/api/uploads/7/complete/") {
      status = "extracting";
      return loseAnswer ? 502 : { body: { id: 57 } };
    }
    if (path === "/api/videos/57/") return { body: { id: 57, status } };
    return 404;
  };
  const server = await serve((request) => answer(request) ?? 500);
  return { ...server, parts };
}

const send = (signal = new AbortController().signal) => {
  const onSent = vi.fn();
  const onBegun = vi.fn();
  const onFinishing = vi.fn();
  const done = transfer({ project: 1, file, idempotencyKey: "wish", signal, onSent, onBegun, onFinishing });
  return { done, onSent, onBegun, onFinishing };
};

const puts = (received: Received[]) =>
  received.filter(({ method }) => method === "PUT").map(({ path }) => path.split("/").at(-1));

test("a file is cut into parts of one size and a rest", () => {
  expect(cut(10, 4)).toEqual([
    { number: 1, start: 0, end: 4 },
    { number: 2, start: 4, end: 8 },
    { number: 3, start: 8, end: 10 },
  ]);
});

test("a file arrives in parts and is completed with the store's own list", async () => {
  const { parts, received } = await store();
  const { done, onSent, onFinishing } = send();
  expect((await done).id).toBe(57);
  expect(
    [...parts]
      .sort()
      .map(([, text]) => text)
      .join(""),
  ).toBe("aaaabbbbcc");
  const completion = received.find(({ path }) => path.endsWith("/complete/"));
  expect(completion && json(completion)).toEqual({
    parts: expect.arrayContaining([
      { part_number: 1, etag: '"1"' },
      { part_number: 2, etag: '"2"' },
      { part_number: 3, etag: '"3"' },
    ]) as unknown,
  });
  expect(onSent).toHaveBeenLastCalledWith(10);
  expect(onFinishing).toHaveBeenCalledOnce();
  expect(recall(print)).toBeUndefined();
});

test("after a reload only the parts that the store lacks are sent", async () => {
  const { received } = await store({ held: { 1: "aaaa", 2: "bb" } });
  remember(print, newEntry(1, file, upload(7)));
  const { done, onSent } = send();
  await done;
  expect(onSent).toHaveBeenNthCalledWith(1, 4);
  expect(puts(received).sort()).toEqual(["2", "3"]);
  expect(received.some(({ path }) => path === "/api/projects/1/uploads/")).toBe(false);
});

test("an upload that the server has swept is begun anew", async () => {
  await store();
  remember(print, newEntry(1, file, upload(6)));
  const { done, onBegun } = send();
  await done;
  expect(onBegun).toHaveBeenCalledWith(expect.objectContaining({ upload: 7 }));
});

test("an address that has run out is signed again", async () => {
  const { received } = await store({ refuse: [2] });
  await send().done;
  expect(puts(received).filter((number) => number === "2")).toHaveLength(2);
});

test("a completion whose answer was lost on the way is not done twice", async () => {
  const { received } = await store({ loseAnswer: true });
  expect((await send().done).id).toBe(57);
  expect(received.filter(({ path }) => path.endsWith("/complete/"))).toHaveLength(1);
  expect(recall(print)).toBeUndefined();
});

test("a paused upload keeps its place", async () => {
  await store();
  const stop = new AbortController();
  const { done, onBegun } = send(stop.signal);
  onBegun.mockImplementation(() => stop.abort(new DOMException("Paused", "AbortError")));
  await expect(done).rejects.toThrow();
  expect(recall(print)).toMatchObject({ upload: 7 });
});

test("a refusal of the API is not repeated", async () => {
  const { received } = await serve(() => ({
    status: 403,
    body: { code: "not_allowed", message: "Only owners.", details: {} },
  }));
  const error: unknown = await send().done.catch((reason: unknown) => reason);
  expect(isApiError(error, "not_allowed")).toBe(true);
  expect(received).toHaveLength(1);
});
