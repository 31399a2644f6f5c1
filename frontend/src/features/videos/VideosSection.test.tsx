import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Project, Video } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve } from "@/testing/server";

import { VideosSection } from "./VideosSection";

const project: Project = {
  id: 4,
  name: "Animals",
  description: "",
  fps: 24,
  annotate_every: 4,
  phase: 3,
  separate_selection: true,
  separate_verification: true,
  exports_for: "reviewers",
  blind_review: false,
  roles: ["owner"],
  counts: { videos: 2, to_annotate: 0, to_verify: 0, accepted: 0 },
  created_at: "2026-01-01T00:00:00Z",
};

const video = (change: Partial<Video>): Video => ({
  id: 1,
  project: 4,
  name: "dog.mp4",
  status: "ready",
  failure: null,
  warnings: [],
  phase: null,
  split: "train",
  environment: "Outdoor",
  side: "train",
  group_key: "",
  tags: [],
  frame_tags: [],
  width: 1280,
  height: 720,
  fps: 24,
  annotate_every: 4,
  frame_count: 84,
  timeline_frame_count: 334,
  duration: 13.9,
  thumbnail_url: null,
  proxy_url: null,
  masklet_counts: {},
  run: null,
  created_at: new Date().toISOString(),
  ...change,
});

const page = (results: Video[]) => ({ body: { next: null, previous: null, results } });
const at = (search = "") => ({ address: `/projects/4${search}`, path: "/projects/:projectId" });

test("a video that failed says why in a sentence", async () => {
  await serve(() =>
    page([
      video({
        id: 2,
        name: "notes.mp4",
        status: "failed",
        failure: { code: "no_video", message: "It holds no video." },
      }),
    ]),
  );
  renderAt(<VideosSection project={project} />, at());
  expect(await screen.findByText("It holds no video.")).toBeTruthy();
});

test("what is odd about a video is told below it", async () => {
  await serve(() =>
    page([video({ id: 2, warnings: ["The file is cut off: 2.0 of 4.0 seconds could be read."] })]),
  );
  renderAt(<VideosSection project={project} />, at());
  expect(await screen.findByText(/^The file is cut off/)).toBeTruthy();
});

test("the filters live in the address", async () => {
  const { received } = await serve(() => page([video({})]));
  const { router } = renderAt(<VideosSection project={project} />, at("?status=failed"));
  await screen.findByText("dog.mp4");
  expect(received[0].path).toBe("/api/videos/?project=4&status=failed");
  await userEvent.click(
    within(screen.getByRole("group", { name: "State" })).getByRole("button", { name: "Ready" }),
  );
  expect(router.state.location.search).toBe("?status=ready");
});

test("an empty project says what to do first", async () => {
  await serve(() => page([]));
  renderAt(<VideosSection project={project} />, at());
  expect(await screen.findByText("No videos yet")).toBeTruthy();
  expect(screen.getByText(/Drop video files anywhere/)).toBeTruthy();
});

test("the next page is added below", async () => {
  await serve(({ path }) =>
    path.includes("cursor=2")
      ? page([video({ id: 3, name: "late.mp4" })])
      : {
          body: {
            next: "http://elsewhere:8000/api/videos/?cursor=2&project=4",
            previous: null,
            results: [video({})],
          },
        },
  );
  renderAt(<VideosSection project={project} />, at());
  await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
  expect(await screen.findByText("late.mp4")).toBeTruthy();
  expect(screen.getByText("dog.mp4")).toBeTruthy();
});

test("an owner chooses videos and sets the phase of their new objects", async () => {
  const { received } = await serve(({ method }) =>
    method === "POST" ? 204 : page([video({}), video({ id: 2, name: "cat.mp4" })]),
  );
  renderAt(<VideosSection project={project} />, at());
  await userEvent.click(await screen.findByRole("checkbox", { name: "Choose all that are shown" }));
  const bar = screen.getByRole("group", { name: "The chosen videos" });
  expect(bar.textContent).toContain("2 videos");
  await userEvent.click(within(bar).getByRole("radio", { name: "phase 1" }));
  await userEvent.click(within(bar).getByRole("button", { name: "Apply" }));
  await waitFor(() => expect(screen.queryByRole("group", { name: "The chosen videos" })).toBeNull());
  const sent = received.find(({ method }) => method === "POST")!;
  expect(sent.path).toBe("/api/projects/4/phase/");
  expect(json(sent)).toEqual({ phase: 1, videos: [1, 2] });
});

const choose = async (...videos: Video[]) => {
  const served = await serve(({ method }) => (method === "PATCH" ? 204 : page(videos)));
  renderAt(<VideosSection project={project} />, at());
  await userEvent.click(await screen.findByRole("checkbox", { name: "Choose all that are shown" }));
  const bar = within(screen.getByRole("group", { name: "The chosen videos" }));
  const sent = () => served.received.filter(({ method }) => method === "PATCH");
  return { bar, sent };
};

test("an owner puts the chosen videos on one side, in one request", async () => {
  const { bar, sent } = await choose(video({}), video({ id: 2, split: "", side: "test" }));
  await userEvent.click(bar.getByRole("radio", { name: "Split" }));
  await userEvent.click(bar.getByRole("radio", { name: "val" }));
  await userEvent.click(bar.getByRole("button", { name: "Apply" }));
  await waitFor(() => expect(screen.queryByRole("group", { name: "The chosen videos" })).toBeNull());
  expect(sent().map(({ path }) => path)).toEqual(["/api/projects/4/videos/"]);
  expect(json(sent()[0])).toEqual({ videos: [1, 2], split: "val" });
});

test("a tag is given to the chosen videos with Enter, and taken back where one has it", async () => {
  const { bar, sent } = await choose(video({ tags: ["rain"] }), video({ id: 2 }));
  await userEvent.click(bar.getByRole("radio", { name: "Tags" }));
  const takeBack = bar.getByRole("button", { name: /^Take back/ });
  expect(takeBack.getAttribute("aria-disabled")).toBe("true");
  await userEvent.type(bar.getByLabelText("Tag"), "rain");
  expect(takeBack.getAttribute("aria-disabled")).not.toBe("true");
  await userEvent.type(bar.getByLabelText("Tag"), "y{Enter}");
  await waitFor(() => expect(sent()).toHaveLength(1));
  expect(json(sent()[0])).toEqual({ videos: [1, 2], add_tags: ["rainy"] });
});

test("those who do not own the project cannot choose", async () => {
  await serve(() => page([video({})]));
  renderAt(<VideosSection project={{ ...project, roles: ["annotator"] }} />, at());
  await screen.findByText("dog.mp4");
  expect(screen.queryByRole("checkbox")).toBeNull();
});
