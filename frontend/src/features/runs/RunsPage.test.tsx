import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense } from "react";
import { expect, test } from "vitest";

import type { Project, Run } from "@/api/models";
import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { mayStop, RunsPage } from "./RunsPage";

const session = { user: { id: 1, username: "anna", full_name: "Anna" }, streams_origin: "", version: "" };
const project = { id: 4, name: "Animals", roles: ["annotator"], counts: {} } as unknown as Project;
const run = (id: number, more: Partial<Run> = {}): Run => ({
  id,
  kind: "export",
  title: "Export",
  status: "queued",
  progress: { done: 0, total: 0, unit: "videos" },
  error: null,
  attempt: 1,
  project: 4,
  masklet: null,
  video: null,
  release: null,
  result: {},
  cancel_requested: false,
  owners_cancel: false,
  actor: "anna",
  created_at: "2026-01-01T00:00:00Z",
  started_at: null,
  finished_at: null,
  ...more,
});

const shown = async (results: Run[], of = project) => {
  const server = await serve(({ path, method }) => {
    if (path === "/api/session/") return { body: session };
    if (method === "POST") return { body: { ...results[0], cancel_requested: true } };
    return { body: { next: null, previous: null, results } };
  });
  const view = renderAt(
    <Suspense>
      <RunsPage project={of} />
    </Suspense>,
    { address: "/projects/4/runs", path: "/projects/:projectId/runs" },
  );
  await screen.findByRole("heading", { name: "Runs" });
  return { server, ...view };
};

test.each([
  { owners_cancel: false, actor: "anna", roles: ["annotator"], may: true },
  { owners_cancel: true, actor: "anna", roles: ["annotator"], may: false },
  { owners_cancel: false, actor: "bert", roles: ["annotator"], may: false },
  { owners_cancel: true, actor: "bert", roles: ["owner"], may: true },
  { owners_cancel: false, actor: null, roles: ["reviewer"], may: false },
] as const)("who may stop it: %o", ({ may, roles, ...more }) => {
  expect(mayStop(run(1, more), { ...project, roles: [...roles] }, "anna")).toBe(may);
});

test("a run says in the server's words what it does, on what, and how far it is", async () => {
  await shown([
    run(3, {
      title: "Measure a release",
      release: 7,
      progress: { done: 1200, total: 3000, unit: "masklets" },
    }),
    run(2, { title: "Extract frames", video: 5 }),
    run(1, { title: "Fit the pre-verifier" }),
  ]);
  const [, first, second, third] = await screen.findAllByRole("row");
  expect(within(first).getByText("Measure a release")).toBeTruthy();
  expect(within(first).getByRole("link", { name: "release 7" }).getAttribute("href")).toMatch(/\/releases$/);
  expect(first.textContent).toContain("1,200 of 3,000 masklets");
  expect(within(second).getByRole("link", { name: "video 5" }).getAttribute("href")).toBe("/videos/5");
  expect(within(third).getByText("the project")).toBeTruthy();
});

test("a failure is told with its sentence", async () => {
  await shown([run(1, { status: "failed", error: { code: "x", message: "The disk is full." } })]);
  expect(await screen.findByText("The disk is full.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Stop" })).toBeNull();
});

test("a live run is stopped with one press", async () => {
  const { server } = await shown([run(8)]);
  await userEvent.click(await screen.findByRole("button", { name: "Stop" }));
  await waitFor(() =>
    expect(
      server.received.some(({ method, path }) => method === "POST" && path === "/api/runs/8/cancel/"),
    ).toBe(true),
  );
});

test("what is under way alone is asked for, and the address keeps it", async () => {
  const { server, router } = await shown([]);
  expect(await screen.findByText("No runs yet")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Under way" }));
  expect(await screen.findByText("Nothing is under way")).toBeTruthy();
  expect(router.state.location.search).toBe("?live=true");
  expect(server.received.some(({ path }) => path.includes("live=true"))).toBe(true);
});
