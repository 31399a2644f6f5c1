import { expect, test, vi } from "vitest";

import { json, serve } from "@/testing/server";

import { Uploads, whyNot } from "./uploads";

const clip = (name = "clip.mp4", type = "video/mp4") => new File(["abcd"], name, { type, lastModified: 1 });
const expires_at = new Date(Date.now() + 60_000).toISOString();

/** A server where every upload has one part. `down` answers everything with a refusal. */
async function oneParter({
  down = () => false,
  known = false,
}: { down?: () => boolean; known?: boolean } = {}) {
  const held = new Set<string>();
  let last = 0;
  const server = await serve((request) => {
    const { method, path } = request;
    if (down()) return { status: 409, body: { code: "wrong_state", message: "Not now.", details: {} } };
    const id = /\/(?:uploads|s3)\/(\d+)/.exec(path)?.[1] ?? "";
    if (method === "DELETE") return 204;
    if (path.startsWith("/s3/")) return held.add(id) && 200;
    if (path.endsWith("/complete/")) return { body: { id: 90 } };
    if (path.endsWith("/parts/") && method === "POST")
      return { body: { urls: { 1: `${server.origin}/s3/${id}` } } };
    if (path.endsWith("/parts/"))
      return { body: { parts: held.has(id) ? [{ part_number: 1, etag: "e", size: 4 }] : [] } };
    if (known && !(json(request) as { again: boolean }).again)
      return { status: 409, body: { code: "already_here", message: "As a.mp4.", details: { video: 7 } } };
    return { status: 201, body: { id: ++last, video: 80 + last, part_size: 8, part_count: 1, expires_at } };
  });
  return server;
}

/** The machine that runs the tests may be busy. */
const soon = (look: () => void) => vi.waitFor(look, { timeout: 10_000 });

const statuses = (uploads: Uploads) => uploads.items.map(({ status }) => status);

test("files are uploaded two at a time until all are done", async () => {
  await oneParter();
  const uploads = new Uploads();
  uploads.add(1, [clip("a.mp4"), clip("b.mp4"), clip("c.mp4")]);
  expect(statuses(uploads)).toEqual(["sending", "sending", "waiting"]);
  expect(uploads.active).toBe(true);
  await soon(() => expect(statuses(uploads)).toEqual(["done", "done", "done"]));
  expect(uploads.active).toBe(false);
});

test("a file that is no video is refused with a sentence, and the others go on", async () => {
  await oneParter();
  const uploads = new Uploads();
  uploads.add(1, [clip("notes.txt", "text/plain"), clip()]);
  expect(uploads.items[0]).toMatchObject({ status: "failed", refused: true });
  expect(uploads.items[0].error?.message).toMatch(/not a video/);
  await soon(() => expect(uploads.items[1].status).toBe("done"));
});

test("a failed upload goes on after a retry", async () => {
  let down = true;
  await oneParter({ down: () => down });
  const uploads = new Uploads();
  uploads.add(1, [clip()]);
  await soon(() =>
    expect(uploads.items[0]).toMatchObject({ status: "failed", error: { message: "Not now." } }),
  );
  down = false;
  uploads.resume(uploads.items[0].id);
  await soon(() => expect(statuses(uploads)).toEqual(["done"]));
});

test("a file that the project has waits for a word, and is sent when it is meant", async () => {
  const { received } = await oneParter({ known: true });
  const uploads = new Uploads();
  uploads.add(1, [clip()]);
  await soon(() => expect(uploads.items[0]).toMatchObject({ status: "failed", twin: "/videos/7" }));
  expect(uploads.items[0].error?.message).toBe("As a.mp4.");
  uploads.sendAgain(uploads.items[0].id);
  await soon(() => expect(uploads.items[0]).toMatchObject({ status: "done", twin: null }));
  const begun = received.filter(({ path }) => path === "/api/projects/1/uploads/");
  expect(new Set(begun.map(({ headers }) => headers["idempotency-key"])).size).toBe(2);
  expect((json(begun[0]) as { fingerprint: string }).fingerprint).toMatch(/^[0-9a-f]{64}$/);
});

test("a paused upload waits until it is told to go on", async () => {
  await oneParter();
  const uploads = new Uploads();
  uploads.add(1, [clip()]);
  uploads.pause(uploads.items[0].id);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(statuses(uploads)).toEqual(["paused"]);
  uploads.resume(uploads.items[0].id);
  await soon(() => expect(statuses(uploads)).toEqual(["done"]));
});

test("cancelling takes the file off the list and has the store throw its parts away", async () => {
  const { received } = await oneParter();
  const uploads = new Uploads();
  const begun = new Promise<void>((resolve) => (uploads.onVideo = resolve));
  uploads.add(1, [clip()]);
  await begun;
  await uploads.cancel(uploads.items[0].id);
  expect(uploads.items).toEqual([]);
  expect(received.at(-1)).toMatchObject({ method: "DELETE", path: "/api/uploads/1/" });
});

test("containers that browsers do not know are left to the server to judge", () => {
  expect(whyNot({ name: "clip.mkv", size: 5, type: "" })).toBeUndefined();
  expect(whyNot({ name: "clip.gif", size: 5, type: "image/gif" })).toBeUndefined();
  expect(whyNot({ name: "clip.ts", size: 5, type: "text/vnd.trolltech.linguist" })).toBeUndefined();
  expect(whyNot({ name: "frames.zip", size: 5, type: "application/zip" })).toBeUndefined();
  expect(whyNot({ name: "photo.heic", size: 5, type: "image/heic" })).toMatch(/is not a video/);
  expect(whyNot({ name: "clip.mp4", size: 0, type: "video/mp4" })).toMatch(/is empty/);
});
