import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Experiment, Project } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve, type Answer, type Received } from "@/testing/server";

import { ExperimentPage } from "./ExperimentPage";
import { ExperimentsPage } from "./ExperimentsPage";

const project = { id: 4, name: "Animals", roles: ["owner"], counts: {} } as unknown as Project;
const arm = (phase: number, submitted: number) => ({
  phase,
  people: [`person${phase}`],
  masklets: [1, 2],
  submitted,
  row: null,
});
const experiment: Experiment = {
  id: 9,
  name: "Pilot",
  created_at: "2026-11-22T10:00:00Z",
  objects: 2,
  arms: [
    arm(1, 0),
    arm(2, 1),
    {
      ...arm(3, 2),
      row: {
        key: "3",
        label: "Phase 3",
        masklets: 2,
        frames: 84,
        active_seconds: 420,
        wait_seconds: 42,
        seconds_per_frame: 5,
        edited_frames_share: 0.2,
        clicked_frames: 12,
        clicks: 30,
        clicks_per_clicked_frame: 2.5,
        boxes: 0,
        masks: 0,
        strokes: 0,
        alignment: { all: 0.9, small: null, medium: 0.9, large: null, masks: 80 },
      },
    },
  ],
  paper: [
    {
      phase: 3,
      seconds_per_frame: 4.5,
      edited_frames_share: 0.1904,
      clicks_per_clicked_frame: 2.68,
      alignment: null,
    },
  ],
  definitions: {},
};
const masklet = (id: number, more = {}) => ({
  id,
  object_id: id,
  label: "dog",
  video_name: "dog.mp4",
  thumbnail_url: null,
  status: "accepted",
  revision: 3,
  trial: false,
  ...more,
});
const member = (username: string, phases = [1, 2, 3]) => ({
  id: 1,
  user: { id: 1, username, full_name: "" },
  role: "annotator",
  phases,
});
const page = (results: unknown[]) => ({ body: { next: null, previous: null, results } });

interface There {
  experiments?: Experiment[];
  members?: unknown[];
  post?: Answer;
}

const there = ({
  experiments = [],
  members = ["anna", "bert", "cleo"].map((name) => member(name)),
  post = { status: 201, body: experiment },
}: There = {}) =>
  serve(({ method, path }: Received) => {
    if (method === "POST") return post;
    if (path.startsWith("/api/masklets/"))
      return page([masklet(21), masklet(22, { revision: 0 }), masklet(23, { trial: true }), masklet(24)]);
    if (path.endsWith("/members/")) return { body: members };
    if (path.endsWith("/experiments/")) return page(experiments);
    return { body: experiment };
  });
const at = (search = "") => ({
  address: `/projects/4/experiments${search}`,
  path: "/projects/:projectId/experiments",
});

test("without any it says what one is for", async () => {
  await there();
  renderAt(<ExperimentsPage project={project} />, at());
  expect(await screen.findByText("No experiments yet")).toBeTruthy();
});

test("the list shows how far the three arms are", async () => {
  await there({ experiments: [experiment] });
  renderAt(<ExperimentsPage project={project} />, at());
  const line = (await screen.findByRole("link", { name: "Pilot" })).closest("tr")!;
  expect(
    within(line)
      .getAllByRole("progressbar")
      .map((bar) => bar.getAttribute("aria-label")),
  ).toEqual(["0 of 2", "1 of 2", "2 of 2"]);
});

test("an experiment starts with the objects and the groups that are shown", async () => {
  const server = await there();
  const { router } = renderAt(<ExperimentsPage project={project} />, at("?new"));
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findAllByText("dog.mp4");
  // What has no mask, and copies of other experiments, are not offered.
  expect(within(dialog).getAllByRole("checkbox")).toHaveLength(2);
  await userEvent.type(within(dialog).getByLabelText("Name"), "Pilot");
  const start = within(dialog).getByRole("button", { name: "Start" });
  await userEvent.click(start);
  expect(server.received.some(({ method }) => method === "POST")).toBe(false);
  await userEvent.click(within(dialog).getAllByRole("checkbox")[0]);
  await userEvent.click(within(dialog).getByRole("button", { name: "Start with 1 object" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/4/experiments/9"));
  const sent = server.received.find(({ method }) => method === "POST")!;
  expect(sent.headers["idempotency-key"]).toBeTruthy();
  expect(json(sent)).toEqual({
    name: "Pilot",
    masklets: [21],
    groups: { "1": ["anna"], "2": ["bert"], "3": ["cleo"] },
  });
});

test("people are moved by hand, and the system divides again when asked", async () => {
  await there();
  renderAt(<ExperimentsPage project={project} />, at("?new"));
  const group = await screen.findByRole("radiogroup", { name: "Group of anna" });
  await userEvent.click(within(group).getByRole("radio", { name: "None" }));
  expect(screen.getByText("Phase 1 has nobody yet.")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Let the system divide" }));
  expect(within(group).getByRole<HTMLInputElement>("radio", { name: "Phase 1" }).checked).toBe(true);
});

test("with too few annotators it says why it cannot start", async () => {
  await there({ members: [member("anna"), member("bert")] });
  renderAt(<ExperimentsPage project={project} />, at("?new"));
  expect(await screen.findByText(/needs three annotators at least/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Start" }).getAttribute("aria-disabled")).toBe("true");
});

test("a refusal keeps what was chosen", async () => {
  await there({
    post: {
      status: 400,
      body: { code: "invalid", message: "This project has an experiment called Pilot already.", details: {} },
    },
  });
  renderAt(<ExperimentsPage project={project} />, at("?new"));
  await userEvent.type(await screen.findByLabelText("Name"), "Pilot");
  await userEvent.click((await screen.findAllByRole("checkbox"))[0]);
  await userEvent.click(screen.getByRole("button", { name: "Start with 1 object" }));
  expect(await screen.findByText(/called Pilot already/)).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Pilot");
});

test("the report shows the arms and Table 1 beside the paper's", async () => {
  await there();
  renderAt(<ExperimentPage project={project} />, {
    address: "/projects/4/experiments/9",
    path: "/projects/:projectId/experiments/:experimentId",
  });
  expect(await screen.findByRole("heading", { name: "Pilot" })).toBeTruthy();
  expect(
    within(screen.getByRole("article", { name: "Phase 2" })).getByText("1 masklet left of 2"),
  ).toBeTruthy();
  const cells = within(screen.getByRole("table")).getByText("90.0 %", { selector: "td:nth-of-type(4)" });
  expect(cells.title).toBe("80 masks compared");
});

test("annotators are told that experiments are the owners'", async () => {
  const server = await there();
  renderAt(<ExperimentsPage project={{ ...project, roles: ["annotator"] }} />, at());
  expect(screen.getByText("Experiments are the owners’")).toBeTruthy();
  expect(server.received).toHaveLength(0);
});
