import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Effort, Project } from "@/api/models";
import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { EffortPage } from "./EffortPage";
import { PAPER, row } from "./testing";

const project = { id: 4, name: "Animals", roles: ["owner", "annotator"], counts: {} } as unknown as Project;
const definitions = { seconds_per_frame: "Active seconds divided by frames.", frames: "Annotated frames." };
const effort = (more: Partial<Effort> = {}): Effort => ({
  by: "phase",
  rows: [row("3")],
  row_count: 1,
  total: row(""),
  paper: PAPER,
  definitions,
  ...more,
});

const shown = async (answer: (path: string) => Effort, search = "", of = project) => {
  const server = await serve(({ path }) => ({ body: answer(path) }));
  return {
    server,
    ...renderAt(<EffortPage project={of} />, {
      address: `/projects/4/effort${search}`,
      path: "/projects/:projectId/effort",
    }),
  };
};

test("each phase stands above the paper's, also one that nobody worked in", async () => {
  await shown(() => effort());
  const table = await screen.findByRole("table", { name: /Effort by phase/ });
  const lines = within(table).getAllByRole("row").slice(2);
  expect(lines.map((line) => within(line).getByRole("rowheader").textContent)).toEqual([
    "Phase 1",
    "the paper’s, phase 1",
    "Phase 2",
    "the paper’s, phase 2",
    "Phase 3",
    "the paper’s, phase 3",
  ]);
  expect(lines[4].textContent).toMatch(/5\.0 s20\.00 %2\.50–––– ?284/);
  expect(lines[5].textContent).toContain("4.5 s19.04 %2.6889.1 %72.8 %81.8 %100.0 %");
});

test("the four numbers compare with the paper where all was one phase", async () => {
  await shown(() => effort());
  const numbers = (await screen.findByText("Masklets", { selector: "dt" })).closest("dl")!;
  expect(numbers.textContent).toContain("5.0 s");
  expect(numbers.textContent).toContain("the paper’s, phase 3: 4.5 s");
});

test("the choice lives in the address, and the CSV follows it", async () => {
  const { server, router } = await shown(
    (path) =>
      effort({ by: path.includes("by=person") ? "person" : "phase", rows: [row("anna", { label: "anna" })] }),
    "?trial=false",
  );
  await userEvent.click(await screen.findByRole("radio", { name: "Person" }));
  expect(await screen.findByRole("table", { name: /Effort by person/ })).toBeTruthy();
  expect(router.state.location.search).toBe("?trial=false&by=person");
  expect(server.received.at(-1)!.path).toBe("/api/projects/4/effort/?by=person&trial=false");
  expect(screen.getByRole("link", { name: /Download CSV/ }).getAttribute("href")).toBe(
    "/api/projects/4/effort/csv/?by=person&trial=false",
  );
});

test("a row opens what it is made of, and the filter can be let go", async () => {
  const { router } = await shown((path) =>
    effort(
      path.includes("by=week")
        ? { by: "week", rows: [row("2026-11-16", { label: "Week of 2026-11-16" })] }
        : {},
    ),
  );
  await userEvent.click(await screen.findByRole("link", { name: "Phase 3" }));
  expect(await screen.findByRole("table", { name: /Effort by week/ })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: /Only phase 3/ }));
  expect(router.state.location.search).toBe("?by=week");
});

test("the plots say their numbers in words", async () => {
  await shown(() => effort());
  const plot = await screen.findByRole("img", { name: /Time per frame by phase/ });
  expect(plot.querySelector("desc")?.textContent).toBe("Phase 3: 5.0 s.");
  expect(screen.getByText("Active seconds divided by frames.")).toBeTruthy();
});

test("without any work it says what to do", async () => {
  await shown(() => effort({ rows: [], total: null }));
  expect(await screen.findByText("Nothing was measured yet")).toBeTruthy();
  expect(screen.queryByRole("link", { name: /CSV/ })).toBeNull();
});

test("an annotator is told that the figures are their own", async () => {
  await shown(() => effort(), "", { ...project, roles: ["annotator"] });
  expect(await screen.findByText(/about your own work/)).toBeTruthy();
  expect(screen.queryByRole("radio", { name: "Person" })).toBeNull();
});

test("a failure says so and can be tried again", async () => {
  let fails = true;
  await serve(() => (fails ? { status: 500, body: {} } : { body: effort() }));
  renderAt(<EffortPage project={project} />, {
    address: "/projects/4/effort",
    path: "/projects/:projectId/effort",
  });
  expect((await screen.findByRole("alert")).textContent).toContain("could not be loaded");
  fails = false;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("table", { name: /Effort by phase/ })).toBeTruthy();
});

test("a long table says how much of it is shown", async () => {
  await shown(() => effort({ by: "video", row_count: 50_900 }));
  expect(await screen.findByText("The first 1 of 50,900 videos; the CSV has all of them.")).toBeTruthy();
});
