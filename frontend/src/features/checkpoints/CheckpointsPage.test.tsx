import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Checkpoint, Project, Run } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve, type Answer, type Received } from "@/testing/server";

import { CheckpointsPage } from "./CheckpointsPage";
import { whatIsDone } from "./RetrainingCard";
import { canary, checkpoint, decision, line, policy, told } from "./testing";

const project = { id: 4, name: "Animals", roles: ["owner"], counts: {} } as unknown as Project;
const release = {
  id: 3,
  name: "first",
  status: "frozen",
  masklet_count: 5,
  video_count: 2,
  run: null,
  files: [],
};
const run = (more: Partial<Run>): Run =>
  ({
    id: 8,
    kind: "finetune",
    status: "running",
    release: 3,
    attempt: 1,
    error: null,
    result: {},
    progress: { done: 120, total: 400, unit: "steps" },
    ...more,
  }) as Run;
const old = checkpoint(1, null, { name: "default", status: "active", active: true });
const better = checkpoint(2, 1, {
  name: "first 8",
  release_name: "first",
  base: { name: "default", location: "bundled", checkpoint: 1 },
  settings: { steps: 400, rendered_share: 0.3, learning_rate: null, encoder_learning_rate: null, seed: 0 },
  evaluation: {
    held_out: { base: { jf_mask: 0.6 }, candidate: { jf_mask: 0.7 } },
    rendered: null,
    note: "Kept aside: 1 of 5 videos.",
    trained_on: [1],
    kept_aside: [2],
    recipe: { learning_rate: 0.0001 },
  },
});

const page = <T,>(results: T[]): Answer => ({ body: { next: null, previous: null, results } });

interface There {
  checkpoints: Checkpoint[];
  runs?: Run[];
  releases?: unknown[];
  answer?: (request: Received) => Answer | undefined;
}

const shown = async (
  { checkpoints, runs = [], releases = [release], answer }: There,
  of = project,
  address = "/",
) => {
  const server = await serve((request) => {
    const own = answer?.(request);
    if (own) return own;
    if (request.path.includes("/evaluations/")) return page([told]);
    if (request.path.endsWith("/promotions/")) return page(line);
    if (request.path === "/api/session/") return { body: { user: null, streams_origin: "" } };
    if (request.path.endsWith("/checkpoint-imports/")) return page([]);
    if (request.path.startsWith("/api/videos/7/"))
      return { body: { id: 7, name: "dogs.mp4", thumbnail_url: null } };
    if (request.path.endsWith("/canaries/")) return page([canary]);
    if (request.path.endsWith("/training-policy/")) return { body: policy };
    if (request.path.endsWith("/trigger-decisions/")) return page([decision]);
    if (request.path.startsWith("/api/checkpoints/")) return page(checkpoints);
    if (request.path.includes("/log/"))
      return {
        body: {
          entries: [
            { step: 10, loss: 2.5 },
            { step: 20, loss: 1.5, validation: { iou_1_click: 0.61 } },
          ],
        },
      };
    if (request.path.startsWith("/api/runs/")) return page(runs);
    if (request.path.includes("/releases/?")) return page(releases);
    if (request.path.endsWith("/retraining/")) {
      return {
        body: {
          bases: [
            { name: "default", location: "bundled", checkpoint: 1 },
            { name: "tiny", location: "facebook/tiny", checkpoint: null },
          ],
          locations: ["bundled", "facebook/tiny"],
          settings: better.settings,
        },
      };
    }
    return 404;
  });
  return { server, ...renderAt(<CheckpointsPage project={of} />, { address, path: "/" }) };
};

test("the candidate stands below its base with its gain, and its figures are told", async () => {
  await shown({ checkpoints: [better, old] });
  const row = (await screen.findByRole("button", { name: "first 8" })).closest("tr")!;
  expect(row.textContent).toContain("0.600 → 0.700");
  expect(within(row).getByText("better by")).toBeTruthy();
  expect(await screen.findByText("Kept aside: 1 of 5 videos.")).toBeTruthy();
  expect(
    within(screen.getByRole("table", { name: "On footage kept aside" })).getByText("0.700"),
  ).toBeTruthy();
  const loss = await screen.findByRole("table", { name: "Loss", hidden: true });
  expect(within(loss).getByText("2.500")).toBeTruthy();
});

test("promoting says what changes before it does", async () => {
  const { server } = await shown({
    checkpoints: [better, old],
    answer: ({ method }) => (method === "POST" ? { body: { ...better, status: "active" } } : undefined),
  });
  await userEvent.click(await screen.findByRole("button", { name: "Promote first 8" }));
  const dialog = screen.getByRole("dialog");
  expect(dialog.textContent).toMatch(/uses first 8 instead of default, which retires/);
  await userEvent.click(within(dialog).getByRole("button", { name: "Promote" }));
  await waitFor(() =>
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toContain(
      "POST /api/checkpoints/2/promote/",
    ),
  );
});

test("a retraining is asked for with what was chosen", async () => {
  const { server, router } = await shown(
    {
      checkpoints: [old],
      answer: ({ method }) =>
        method === "POST" ? { status: 202, body: { run: run({ status: "queued" }) } } : undefined,
    },
    project,
    "/?retrain=3",
  );
  const dialog = await screen.findByRole("dialog");
  await userEvent.selectOptions(await within(dialog).findByLabelText("Base"), "tiny");
  const steps = within(dialog).getByLabelText("Steps");
  await userEvent.clear(steps);
  await userEvent.type(steps, "50");
  await userEvent.click(within(dialog).getByRole("button", { name: "Start retraining" }));
  const sent = await waitFor(() => {
    const found = server.received.find(({ method }) => method === "POST");
    expect(found).toBeTruthy();
    return found!;
  });
  expect(sent.path).toBe("/api/releases/3/retrainings/");
  expect(sent.headers["idempotency-key"]).toBeTruthy();
  expect(json(sent)).toMatchObject({
    location: "facebook/tiny",
    steps: 50,
    rendered_share: 0.3,
    learning_rate: null,
  });
  await waitFor(() => expect(router.state.location.search).toBe(""));
});

test("a refused setting is told at its field", async () => {
  const refused = {
    status: 400,
    body: { code: "invalid", message: "x", details: { steps: ["Too many steps."] } },
  };
  await shown(
    { checkpoints: [old], answer: ({ method }) => (method === "POST" ? refused : undefined) },
    project,
    "/?retrain=3",
  );
  await screen.findByLabelText("Base");
  await userEvent.click(screen.getByRole("button", { name: "Start retraining" }));
  expect(await screen.findByText("Too many steps.")).toBeTruthy();
});

test("without a frozen release it says what to do first", async () => {
  await shown({ checkpoints: [old], releases: [{ ...release, status: "draft" }] });
  expect(await screen.findByText("Nothing was retrained yet")).toBeTruthy();
  await waitFor(() =>
    expect(screen.getByRole("button", { name: /Retrain/ }).getAttribute("aria-disabled")).toBe("true"),
  );
});

test("those who do not own the project look and change nothing", async () => {
  await shown({ checkpoints: [better, old], runs: [run({})] }, { ...project, roles: ["reviewer"] });
  expect(await screen.findByText("Retraining on first")).toBeTruthy();
  for (const name of ["Promote first 8", "Retire first 8", "Stop"])
    expect(screen.queryByRole("button", { name })).toBeNull();
});

test("a retraining that failed says why", async () => {
  await shown({
    checkpoints: [old],
    runs: [run({ status: "failed", error: { code: "out_of_memory", message: "The GPU is too small." } })],
  });
  expect((await screen.findByRole("alert")).textContent).toContain("The GPU is too small.");
});

test("what is being done is said in words, with the time left", () => {
  expect(whatIsDone(run({ status: "queued" }))).toMatch(/Waiting/);
  expect(whatIsDone(run({ result: { stage: "footage" } }))).toMatch(/Fetching/);
  expect(whatIsDone(run({ result: { stage: "training", seconds_left: 290 } }))).toBe(
    "Step 120, about 5 min of training left",
  );
  expect(whatIsDone(run({ result: { stage: "evaluating" } }))).toMatch(/Comparing/);
});

test("what the gate says of a candidate stands beside it, with what it lacks", async () => {
  await shown({ checkpoints: [better, old] });
  const gate = await screen.findByRole("region", { name: "The gate" });
  expect(await within(gate).findByText("kept out")).toBeTruthy();
  expect(gate.textContent).toContain("It loses too much on absence");
  expect(gate.textContent).toContain("between -0.010 and +0.090");
  const guards = within(gate).getByRole("table", { name: "What it must not forget" });
  expect(guards.textContent).toContain("more than 0.05");
  expect(within(gate).getByRole("link", { name: "masklet 31" })).toBeTruthy();
});

test("what the gate keeps out cannot be promoted from the page", async () => {
  await shown({ checkpoints: [{ ...better, kept_out: "It does not beat default beyond chance." }, old] });
  await userEvent.click(await screen.findByRole("button", { name: "Promote first 8" }));
  const dialog = screen.getByRole("dialog");
  expect(dialog.textContent).toContain("It does not beat default beyond chance.");
  expect(within(dialog).getByRole("button", { name: "Promote" }).getAttribute("aria-disabled")).toBe("true");
});

test("a rollback says where it goes, and sends the reason", async () => {
  const { server } = await shown({
    checkpoints: [better, old],
    answer: ({ path }) => (path.endsWith("/rollback/") ? { body: old } : undefined),
  });
  await userEvent.click(await screen.findByRole("button", { name: "Roll back" }));
  const dialog = screen.getByRole("dialog", { name: "Go back to default?" });
  await userEvent.type(within(dialog).getByLabelText("What went wrong"), "It flickers.");
  await userEvent.click(within(dialog).getByRole("button", { name: "Roll back" }));
  await waitFor(() => {
    const sent = server.received.find(({ path }) => path.endsWith("/rollback/"));
    expect(sent && json(sent)).toEqual({ reason: "It flickers." });
  });
});

test("a canary tells how it does, and an owner stops it", async () => {
  const { server } = await shown({
    checkpoints: [better, old],
    answer: ({ path }) => (path.endsWith("/stop/") ? { body: { ...canary, outcome: "stopped" } } : undefined),
  });
  const card = await screen.findByRole("region", { name: "Canary" });
  expect(await within(card).findByText(/does 20 % of new assignments/)).toBeTruthy();
  expect(card.textContent).toContain("between -0.10 and +0.30");
  await userEvent.click(within(card).getByRole("button", { name: "Stop the canary" }));
  await waitFor(() =>
    expect(server.received.some(({ path }) => path === "/api/canaries/5/stop/")).toBe(true),
  );
});

test("an owner says when the project retrains, and reads why it did not yet", async () => {
  const { server } = await shown({
    checkpoints: [old],
    answer: ({ method }) => (method === "PATCH" ? { body: policy } : undefined),
  });
  const card = await screen.findByRole("region", { name: "Triggers" });
  expect(await within(card).findByText("No trigger fires yet.")).toBeTruthy();
  await userEvent.click(within(card).getByText("When it retrains, and what that may cost"));
  await userEvent.click(within(card).getByLabelText("Retrain by itself"));
  await userEvent.clear(within(card).getByLabelText("Every so many newly accepted masklets"));
  await userEvent.click(within(card).getByRole("button", { name: "Save" }));
  await waitFor(() => {
    const sent = server.received.find(({ method }) => method === "PATCH");
    expect(sent && json(sent)).toMatchObject({
      enabled: true,
      promotes: false,
      every_accepted: null,
      canary_share: 0.2,
      rendered_share: 0.3,
    });
  });
  expect(await within(card).findByText("Saved.")).toBeTruthy();
});

test("the lineage is a drawing whose checkpoints are chosen by the keyboard, with the release that they learned from", async () => {
  const judged = {
    champion: 1,
    champion_name: "default",
    gain: 0.04,
    gain_low: -0.01,
    gain_high: 0.09,
    passed: false,
  };
  const { router } = await shown({ checkpoints: [{ ...better, release: 3, judged }, old] });
  const drawing = await screen.findByRole("group", { name: "Lineage of the checkpoints" });
  const node = within(drawing).getByRole("button", {
    name: /^first 8: retrained from default on release first, judged beside default: J&F \+0\.040, kept out/,
  });
  expect(within(drawing).getByRole("link", { name: "first" }).getAttribute("href")).toBe(
    "/projects/4/releases/3",
  );
  node.focus();
  await userEvent.keyboard("{Enter}");
  expect(router.state.location.search).toBe("?checkpoint=2");
  expect(node.getAttribute("aria-pressed")).toBe("true");
});

test("several evaluations stand side by side on one axis", async () => {
  const judged = {
    champion: 1,
    champion_name: "default",
    gain: 0.04,
    gain_low: 0.01,
    gain_high: 0.09,
    passed: true,
  };
  const other = { ...judged, gain: -0.2, gain_low: -0.3, gain_high: -0.1, passed: false };
  await shown({
    checkpoints: [checkpoint(3, 1, { name: "worse", judged: other }), { ...better, judged }, old],
  });
  const card = await screen.findByRole("region", { name: "Evaluations side by side" });
  expect(card.textContent).toContain("first 8, beside default: passed");
  expect(card.textContent).toContain("worse, beside default: kept out");
  expect(card.textContent).toContain("between -0.300 and -0.100");
});

const coming = {
  id: 6,
  project: 4,
  name: "theirs",
  location: "",
  file: "theirs.zip",
  bytes: 10,
  status: "refused",
  problems: ["1 of its tensors are missing: mask_decoder.iou_token.weight."],
  problem_count: 1,
  checkpoint: null,
  run: null,
  upload: null,
  created_at: "2026-01-01T00:00:00Z",
};

test("a checkpoint is brought in by a name that the installation allows", async () => {
  const { server, router } = await shown({
    checkpoints: [old],
    answer: ({ method }) =>
      method === "POST" ? { status: 201, body: { ...coming, status: "reading" } } : undefined,
  });
  await userEvent.click(await screen.findByRole("button", { name: /Bring in/ }));
  const dialog = await screen.findByRole("dialog", { name: "Bring in a checkpoint" });
  const bring = within(dialog).getByRole("button", { name: "Bring in" });
  expect(bring.getAttribute("aria-disabled")).toBe("true");
  await within(dialog).findByRole("option", { name: "facebook/tiny" });
  await userEvent.selectOptions(within(dialog).getByLabelText("From"), "facebook/tiny");
  await userEvent.click(bring);
  await waitFor(() => expect(router.state.location.search).toBe(""));
  const sent = server.received.find(({ method }) => method === "POST")!;
  expect(sent.path).toBe("/api/projects/4/checkpoint-imports/");
  expect(sent.headers["idempotency-key"]).toBeTruthy();
  expect(json(sent)).toEqual({ name: "facebook/tiny", location: "facebook/tiny", file: "", size: 0 });
});

test("what was refused says why, and goes", async () => {
  const { server } = await shown({
    checkpoints: [old],
    answer: ({ method, path }) => {
      if (method === "DELETE") return { status: 204 };
      return path.endsWith("/checkpoint-imports/") ? page([coming]) : undefined;
    },
  });
  const list = await screen.findByRole("list", { name: "Checkpoints that are brought in" });
  expect(list.textContent).toContain("Nothing of it was taken. 1 problem:");
  expect(list.textContent).toContain("mask_decoder.iou_token.weight");
  await userEvent.click(within(list).getByRole("button", { name: "Remove theirs" }));
  await waitFor(() =>
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toContain(
      "DELETE /api/checkpoint-imports/6/",
    ),
  );
});

test("what came from elsewhere says so, is judged like any other, and can be vouched for", async () => {
  const theirs = checkpoint(3, null, {
    name: "theirs",
    status: "candidate",
    came_from: "theirs.zip",
    location: "s3:projects/4/x",
    kept_out: "Nothing is held out to judge this checkpoint by. Say why.",
  });
  await shown({ checkpoints: [theirs, old] }, project, "/?checkpoint=3");
  expect(await screen.findByText(/^Brought in from theirs\.zip/)).toBeTruthy();
  expect(await screen.findByRole("region", { name: "The gate" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Promote theirs" }));
  expect(await screen.findByLabelText("Why it is promoted all the same")).toBeTruthy();
});
