import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { PreverifierReport, Project } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve, type Answer, type Received } from "@/testing/server";

import { PreverifierPage } from "./PreverifierPage";

const project = { id: 4, name: "Animals", roles: ["owner"], counts: {} } as unknown as Project;
const known = (threshold: number, lower: number) => ({
  threshold,
  verdicts: 160,
  right: 158,
  lower,
  share: 0.4,
});
const report = (more: Partial<PreverifierReport> = {}): PreverifierReport => ({
  version: null,
  versions: [],
  fewest_verdicts: 20,
  judged: 200,
  verdicts: 200,
  unsatisfactory: 30,
  auc: 0.931,
  calibration_error: 0.024,
  roc: [
    { false_alarms: 0, caught: 0 },
    { false_alarms: 0.1, caught: 0.8 },
    { false_alarms: 1, caught: 1 },
  ],
  calibration: [{ chance: 0.1, wrong: 0.12, verdicts: 200 }],
  tradeoff: [
    { passed: 0.5, precision: 0.99, below: 0.04 },
    { passed: 1, precision: 0.85, below: 0.99 },
  ],
  sizes: [{ size: "small", verdicts: 200, unsatisfactory: 30, auc: 0.9 }],
  thresholds: { passing: [known(0.05, 0.962), known(0.1, 0.9)], returning: [known(0.95, 0.8)] },
  automatic: {
    passing: false,
    returning: false,
    precision: 0.95,
    people_share: 0.1,
    pass_below: 0.05,
    return_above: 0.95,
    allowed_by: "",
    ended_at: null,
    ended_because: "",
  },
  passed: 0,
  returned: 0,
  people: 0,
  ...more,
});

const shown = async (there: PreverifierReport, answer?: (request: Received) => Answer | undefined) => {
  const server = await serve((request) => answer?.(request) ?? { body: there });
  return { server, ...renderAt(<PreverifierPage project={project} />, { address: "/", path: "/" }) };
};

test("what people's verdicts show is drawn and told", async () => {
  await shown(report());
  expect(await screen.findByText("0.931")).toBeTruthy();
  expect(screen.getByRole("table", { name: "Wrong ones caught", hidden: true })).toBeTruthy();
  expect(screen.getByText(/at least 96.2 % are right, as promised/)).toBeTruthy();
  expect(screen.getByText(/at least 80.0 % are right, which is not enough yet/)).toBeTruthy();
});

test("the slider tells what passing more would cost", async () => {
  await shown(report());
  const slider = await screen.findByRole("slider", { name: "Passing the likeliest right" });
  expect(slider.getAttribute("aria-valuetext")).toBe("100 %");
  expect(screen.getByText("85.0 %")).toBeTruthy();
});

test("an owner switches passing on with what was chosen", async () => {
  const { server } = await shown(report(), (request) =>
    request.method === "PATCH" ? { body: report().automatic } : undefined,
  );
  await userEvent.click(await screen.findByRole("checkbox", { name: "Pass what is likely right" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(server.received.some(({ method }) => method === "PATCH")).toBe(true));
  const sent = server.received.find(({ method }) => method === "PATCH")!;
  expect(json(sent)).toEqual({ passing: true });
});

test("a refusal says what is missing", async () => {
  const message = "Of what it passes, 95.0% is promised to be right; 10 verdicts show 70.0% at least.";
  await shown(report(), (request) =>
    request.method === "PATCH"
      ? { status: 409, body: { code: "not_sure_enough", message, details: {} } }
      : undefined,
  );
  await userEvent.click(await screen.findByRole("checkbox", { name: "Pass what is likely right" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(message)).toBeTruthy();
});

test("before any verdict it says what will stand here, and no version can be fitted", async () => {
  await shown(report({ verdicts: 0, judged: 3, auc: null, calibration_error: null, roc: [], tradeoff: [] }));
  expect(await screen.findByText("Nobody has judged what it looked at yet")).toBeTruthy();
  await userEvent.hover(screen.getByRole("button", { name: /Fit a new version/ }));
  expect(await screen.findByText(/there are 3/)).toBeTruthy();
});
