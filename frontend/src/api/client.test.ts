import { expect, test, vi } from "vitest";

import { json, serve } from "@/testing/server";

import { addPrompt, getMasklet, listMasklets } from "./masklets";
import { nextToAnnotate, submitAssignment } from "./assignments";
import { ApiError, fieldProblem } from "./client";
import { createProject } from "./projects";
import { cancelRun } from "./runs";
import { getFrames, listVideos } from "./videos";

const failure = async (promise: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
};

test("a write carries the CSRF token, the lease, the seen revision and its key", async () => {
  document.cookie = "csrftoken=t0ken";
  const { received } = await serve(() => ({ status: 201, body: { id: 1 } }));
  await addPrompt(
    7,
    { frame_idx: 3, kind: "click", x: 1.5, y: 2, positive: true },
    { leaseToken: "lease", ifMatch: 12, idempotencyKey: "key" },
  );
  expect(received[0].headers).toMatchObject({
    "x-csrftoken": "t0ken",
    "lease-token": "lease",
    "if-match": '"12"',
    "idempotency-key": "key",
    "content-type": "application/json",
  });
  expect(received[0].path).toBe("/api/masklets/7/prompts/");
  expect(json(received[0])).toEqual({ frame_idx: 3, kind: "click", x: 1.5, y: 2, positive: true });
});

test("an error answer becomes an ApiError with its code, sentence and details", async () => {
  await serve(() => ({
    status: 409,
    body: { code: "lease_lost", message: "You no longer hold this.", details: { by: "ana" } },
  }));
  const error = await failure(
    submitAssignment({ id: 1, masklet: 2, job: "tracking", token: "t", lease_until: "", lease_seconds: 120 }),
  );
  expect(error).toMatchObject({
    status: 409,
    code: "lease_lost",
    message: "You no longer hold this.",
    details: { by: "ana" },
  });
});

test("what is wrong with a field is told apart from the rest", () => {
  const error = new ApiError(400, "invalid", "name: Too long.", { name: ["Too long.", "Too odd."] });
  expect(fieldProblem(error, "name")).toBe("Too long. Too odd.");
  expect(fieldProblem(error, "fps")).toBeUndefined();
  expect(fieldProblem(new Error("else"), "name")).toBeUndefined();
});

test("an error page that is not ours still ends in a sentence", async () => {
  await serve(() => ({ status: 500, body: "<h1>oops</h1>" }));
  const error = await failure(getMasklet(3));
  expect(error.code).toBe("http_500");
  expect(error.message).toMatch(/Nothing that was saved is lost/);
});

test("a write with a key is sent again under the same key while a gateway fails", async () => {
  const answers = [503, 502];
  const { received } = await serve(() => answers.shift() ?? { status: 201, body: { id: 5 } });
  const made = await createProject({ name: "a", description: "", fps: 24, annotate_every: 4 }, "once");
  expect(made.id).toBe(5);
  expect(received.map(({ headers }) => headers["idempotency-key"])).toEqual(["once", "once", "once"]);
});

test("a write without a key is never sent twice", async () => {
  const { received } = await serve(() => 503);
  await failure(cancelRun(1));
  expect(received).toHaveLength(1);
});

test("no content is undefined", async () => {
  await serve(() => 204);
  expect(await nextToAnnotate(1)).toBeUndefined();
});

test("empty filters stay out of the address", async () => {
  const { received } = await serve(() => ({ body: {} }));
  await listVideos({ project: 4, status: undefined });
  expect(received[0].path).toBe("/api/videos/?project=4");
});

test("several states are asked for by repeating the name", async () => {
  const { received } = await serve(() => ({ body: {} }));
  await listMasklets({ video: 4, status: ["selected", "needs_refinement"] });
  expect(received[0].path).toBe("/api/masklets/?video=4&status=selected&status=needs_refinement");
});

test("a server that cannot be reached is told in a sentence", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
  const error = await failure(cancelRun(1));
  vi.unstubAllGlobals();
  expect(error).toMatchObject({ status: 0, code: "no_connection" });
});

test("an aborted request rejects with the reason of the abort and is not retried", async () => {
  const { received } = await serve(() => 503);
  const stop = new AbortController();
  const asked = getFrames(1, 0, 10, stop.signal);
  setTimeout(() => stop.abort(new Error("enough")), 100);
  await expect(asked).rejects.toThrow("enough");
  expect(received).toHaveLength(1);
});
