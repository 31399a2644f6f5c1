import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Project } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve, type Answer, type Received } from "@/testing/server";

import { SettingsPage } from "./SettingsPage";

const project = {
  id: 4,
  name: "Animals",
  description: "",
  phase: 3,
  separate_selection: true,
  separate_verification: true,
  exports_for: "reviewers",
  roles: ["owner"],
  counts: {},
} as unknown as Project;
const PHASES = [
  {
    phase: 1,
    name: "SAM per frame",
    summary: "Every frame by itself.",
    propagates: false,
    every_frame: true,
    masks_only: false,
  },
  {
    phase: 2,
    name: "SAM + SAM 2 Mask",
    summary: "Masks are carried.",
    propagates: true,
    every_frame: false,
    masks_only: true,
  },
  {
    phase: 3,
    name: "SAM 2",
    summary: "Clicks refine.",
    propagates: true,
    every_frame: false,
    masks_only: false,
  },
];

const USAGE = {
  bytes: { used: 12_000_000_000, allowed: 500_000_000_000 },
  videos: { used: 1200, allowed: 1250 },
  runs: { used: 0, allowed: 500 },
};

const POLICY = {
  reviewers: 1,
  agreeing: 1,
  look_share: 1,
  trusted_share: 1,
  trusted_rate: 0.98,
  trusted_after: 50,
  second_look_share: 0,
  rounds_cap: 3,
  returns_to: "same",
  gold_share: 0,
  pause_below: null,
  pause_after: 20,
  probe_share: 0,
  problems: [],
};

const shown = async (answer: (request: Received) => Answer = () => ({ body: project }), of = project) => {
  const server = await serve((request) => {
    if (request.path === "/api/phases/") return { body: PHASES };
    if (request.path.endsWith("/review-policy/")) return { body: POLICY };
    if (request.path.endsWith("/labels/")) return { body: { labels: [], attributes: [] } };
    return request.path.endsWith("/usage/") ? { body: USAGE } : answer(request);
  });
  return {
    server,
    ...renderAt(<SettingsPage project={of} />, {
      address: "/projects/4/settings",
      path: "/projects/:projectId/settings",
    }),
  };
};

test("what was changed is sent, and nothing else", async () => {
  const { server } = await shown();
  const save = screen.getByRole("button", { name: "Save" });
  expect(save.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(await screen.findByRole("radio", { name: "Phase 2, SAM + SAM 2 Mask" }));
  await userEvent.click(screen.getByRole("checkbox", { name: /does not verify it/ }));
  expect(screen.getByText(/may give the verdict on their own work/)).toBeTruthy();
  await userEvent.selectOptions(screen.getByLabelText("Who downloads exports"), "Owners");
  await userEvent.click(save);
  expect(await screen.findByText("Saved")).toBeTruthy();
  const patch = server.received.find(({ method }) => method === "PATCH")!;
  expect(patch.path).toBe("/api/projects/4/");
  expect(json(patch)).toEqual({ phase: 2, separate_verification: false, exports_for: "owners" });
});

test("a change can be discarded", async () => {
  await shown();
  const name = screen.getByLabelText("Name");
  await userEvent.type(name, " and plants");
  await userEvent.click(screen.getByRole("button", { name: "Discard changes" }));
  expect((name as HTMLInputElement).value).toBe("Animals");
});

test("a refused name is told at its field, and the words stay", async () => {
  await shown(() => ({
    status: 400,
    body: { code: "invalid", message: "x", details: { name: ["This name is taken."] } },
  }));
  await userEvent.type(screen.getByLabelText("Name"), "!");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("This name is taken.")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Animals!");
});

test("each phase says what it means", async () => {
  await shown();
  const card = await screen.findByRole("radio", { name: "Phase 1, SAM per frame" });
  await waitFor(() =>
    expect(document.getElementById(card.getAttribute("aria-describedby")!)?.textContent).toMatch(
      /Every frame by itself.*reference/,
    ),
  );
});

test("those who do not own the project are told whom to ask", async () => {
  await shown(undefined, { ...project, roles: ["annotator"] });
  expect(screen.getByText("The settings are the owners’")).toBeTruthy();
});

test("it says how much room the project has taken", async () => {
  await shown();
  expect(await screen.findByText("12 GB of 500 GB")).toBeTruthy();
  const videos = screen.getByRole("progressbar", { name: "Videos: 1,200 of 1,250" });
  expect(videos.getAttribute("data-tone")).toBe("bad");
});
