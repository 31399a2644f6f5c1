import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Project, Queue, QueuePerson, QueueRow } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve, type Answer, type Received } from "@/testing/server";

import { QueuePage } from "./QueuePage";

const project = { id: 4, name: "Animals", roles: ["owner"], counts: {} } as unknown as Project;
const person = (username: string, more: Partial<QueuePerson> = {}): QueuePerson => ({
  username,
  name: username,
  phases: [1, 2, 3],
  holding: 0,
  submitted_today: 0,
  active_seconds_today: 0,
  ...more,
});
const row = (masklet: number, more: Partial<QueueRow> = {}): QueueRow => ({
  masklet,
  object_id: masklet,
  label: "",
  video: 1,
  video_name: "dog.mp4",
  thumbnail_url: null,
  phase: 3,
  status: "selected",
  band: "new",
  doubt: 0,
  priority: 0,
  trial: false,
  waiting_seconds: 7200,
  assigned_to: null,
  held_by: null,
  held_seconds: null,
  job: null,
  ...more,
});
const held = row(1, {
  status: "annotating",
  held_by: "anna",
  held_seconds: 300,
  waiting_seconds: null,
  job: "tracking",
});
const queue: Queue = {
  waiting: 2,
  held: 1,
  oldest_seconds: 7200,
  rows: [held, row(2, { band: "refinement", doubt: 0.24, phase: 2 }), row(3, { assigned_to: "bert" })],
  people: [
    person("anna", { holding: 1, submitted_today: 3, active_seconds_today: 5400 }),
    person("bert", { phases: [3] }),
  ],
};

const shown = async (
  body = queue,
  search = "",
  answer?: (request: Received) => Answer | undefined,
  of = project,
) => {
  const server = await serve((request) => answer?.(request) ?? { body });
  return {
    server,
    ...renderAt(<QueuePage project={of} />, {
      address: `/projects/4/queue${search}`,
      path: "/projects/:projectId/queue",
    }),
  };
};
const sent = ({ received }: { received: Received[] }) => received.filter(({ method }) => method === "POST");

test("it says who holds what, what waits, and what people did today", async () => {
  await shown();
  const table = await screen.findByRole("table");
  const lines = within(table).getAllByRole("row").slice(1);
  expect(lines[0].textContent).toContain("in work for 5 min");
  expect(lines[1].textContent).toContain("Refinement24 %waits 2 h");
  expect(within(lines[2]).getByRole<HTMLSelectElement>("combobox").value).toBe("bert");
  expect(screen.getByRole("button", { name: /anna/, pressed: false }).textContent).toContain(
    "holds 1today 3 submitted, 1 h 30 min active",
  );
});

test("the filters live in the address", async () => {
  const { router } = await shown(queue, "?band=refinement");
  expect(within(await screen.findByRole("table")).getAllByRole("row")).toHaveLength(2);
  await userEvent.click(
    within(screen.getByRole("group", { name: "Kind" })).getByRole("button", { name: "All" }),
  );
  await userEvent.click(screen.getByRole("button", { name: /^bert/ }));
  expect(router.state.location.search).toBe("?person=bert");
  expect(screen.getByRole("combobox", { name: "Whose is object 3 in dog.mp4" })).toBeTruthy();
  expect(within(screen.getByRole("table")).getAllByRole("row")).toHaveLength(2);
});

test("what waits is given to a person without asking", async () => {
  const { server } = await shown();
  await userEvent.selectOptions(
    await screen.findByRole("combobox", { name: "Whose is object 3 in dog.mp4" }),
    "anna",
  );
  await waitFor(() => expect(sent(server)).toHaveLength(1));
  expect(sent(server)[0].path).toBe("/api/masklets/3/assign/");
  expect(json(sent(server)[0])).toEqual({ person: "anna" });
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("who is not trained for the phase cannot be chosen", async () => {
  await shown();
  const select = await screen.findByRole("combobox", { name: "Whose is object 2 in dog.mp4" });
  expect(
    within(select).getByRole<HTMLOptionElement>("option", { name: /bert \(not trained for phase 2\)/ })
      .disabled,
  ).toBe(true);
});

test("taking it from somebody who holds it asks first", async () => {
  const { server } = await shown();
  await userEvent.click(
    await screen.findByRole("button", { name: /Take object 1 in dog.mp4 back from anna/ }),
  );
  const dialog = screen.getByRole("dialog");
  expect(dialog.textContent).toMatch(/What is saved stays/);
  expect(sent(server)).toHaveLength(0);
  await userEvent.click(within(dialog).getByRole("button", { name: "Take it back" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(json(sent(server)[0])).toEqual({ person: null });
});

test("the priority alone is changed, whoever holds it", async () => {
  const { server } = await shown();
  await userEvent.click(await screen.findByRole("button", { name: "Sooner: object 1 in dog.mp4" }));
  await waitFor(() => expect(sent(server)).toHaveLength(1));
  expect(json(sent(server)[0])).toEqual({ priority: 1 });
});

test("a refusal says why and puts it back", async () => {
  const refusal = { status: 409, body: { code: "wrong_state", message: "It is to verify.", details: {} } };
  await shown(queue, "", ({ method }) => (method === "POST" ? refusal : undefined));
  const select: HTMLSelectElement = await screen.findByRole("combobox", {
    name: "Whose is object 3 in dog.mp4",
  });
  await userEvent.selectOptions(select, "anna");
  expect((await screen.findByRole("alert")).textContent).toBe("It is to verify.");
  expect(select.value).toBe("bert");
});

test("an empty queue says what fills it", async () => {
  await shown({ ...queue, waiting: 0, held: 0, oldest_seconds: null, rows: [] });
  expect(await screen.findByText(/Nothing waits/)).toBeTruthy();
});

test("annotators are told that it is the owners'", async () => {
  const { server } = await shown(queue, "", undefined, { ...project, roles: ["annotator"] });
  expect(screen.getByText("The queue is the owners’")).toBeTruthy();
  expect(server.received).toHaveLength(0);
});
