import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { DatasetImport, Project, Run } from "@/api/models";
import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { ImportsPage } from "./ImportsPage";

const project = { id: 4, name: "Animals", roles: ["owner"], counts: {} } as unknown as Project;
const failed = { id: 8, status: "failed", error: { code: "hung", message: "It stood still." } } as Run;
const row = (id: number, more: Partial<DatasetImport> = {}): DatasetImport => ({
  id,
  project: 4,
  name: `archive ${id}.zip`,
  format: "",
  policy: "verify",
  status: "done",
  bytes: 2_000_000,
  problems: [],
  problem_count: 0,
  video_count: 2,
  masklet_count: 7,
  run: null,
  upload: null,
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});

const shown = async (...results: DatasetImport[]) => {
  const server = await serve(({ method }) => {
    if (method === "DELETE") return 204;
    if (method === "POST") return { body: { run: { ...failed, status: "queued" } } };
    return { body: { next: null, previous: null, results } };
  });
  return { server, ...renderAt(<ImportsPage project={project} />) };
};
const card = async (name: string) => {
  const heading = await screen.findByRole("heading", { name });
  return within(heading.closest("article")!);
};

test("nothing is there at first, and the page says what may come", async () => {
  await shown();
  expect(await screen.findByText("Nothing was brought in yet")).toBeTruthy();
});

test("what was taken in says how much came of it, and offers no other reading", async () => {
  await shown(row(1));
  const done = await card("archive 1.zip");
  expect(done.getByText("Taken in")).toBeTruthy();
  expect(done.getByText(/7 masklets in 2 videos/)).toBeTruthy();
  expect(done.queryByRole("button", { name: "Read again" })).toBeNull();
});

test("what was refused says why, how many more reasons there are, and is read again once", async () => {
  const problems = ["a.png has no number.", "b.png is no picture."];
  const { server } = await shown(
    row(2, { status: "refused", problems, problem_count: 12, masklet_count: 0 }),
  );
  const refused = await card("archive 2.zip");
  expect(refused.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
    ...problems,
    "and 10 others",
  ]);
  await userEvent.click(refused.getByRole("button", { name: "Read again" }));
  await waitFor(() => expect(server.received.some(({ method }) => method === "POST")).toBe(true));
  const asked = server.received.find(({ method }) => method === "POST");
  expect(asked?.path).toBe("/api/imports/2/");
  expect(asked?.headers["idempotency-key"]).toBeTruthy();
});

test("a reading that failed is told, and may be begun again", async () => {
  await shown(row(3, { status: "reading", run: failed }));
  const stuck = await card("archive 3.zip");
  expect(stuck.getByText("It stood still.")).toBeTruthy();
  expect(stuck.getByRole("button", { name: "Read again" })).toBeTruthy();
});

test("an archive is removed, what came of it stays", async () => {
  const { server } = await shown(row(5));
  await userEvent.click((await card("archive 5.zip")).getByRole("button", { name: /what came of it stays/ }));
  await waitFor(() =>
    expect(server.received.filter(({ method }) => method === "DELETE").map(({ path }) => path)).toEqual([
      "/api/imports/5/",
    ]),
  );
});
