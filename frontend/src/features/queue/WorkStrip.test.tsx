import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Project } from "@/api/models";
import { recall } from "@/lib/holding";
import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { WorkStrip } from "./WorkStrip";

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
  roles: ["annotator"],
  counts: { videos: 2, to_annotate: 3, to_verify: 1, accepted: 0 },
  created_at: "2026-01-01T00:00:00Z",
};

const at = { address: "/projects/4", path: "/projects/:projectId" };

test("the next masklet is claimed, its lease kept, and its page opened", async () => {
  const assignment = {
    id: 8,
    masklet: 21,
    token: "t",
    lease_until: "2026-01-01T00:00:00Z",
    lease_seconds: 120,
  };
  await serve(() => ({ body: { masklet: { id: 21 }, assignment } }));
  const { router } = renderAt(<WorkStrip project={project} />, at);
  await userEvent.keyboard("a");
  await screen.findByText("elsewhere");
  expect(router.state.location.pathname).toBe("/annotate/21");
  expect(recall("assignment", 21)).toMatchObject({ id: 8, token: "t" });
});

test("an empty queue says what to do instead", async () => {
  await serve(() => 204);
  renderAt(<WorkStrip project={project} />, at);
  await userEvent.click(screen.getByRole("button", { name: /Annotate next/ }));
  expect((await screen.findByRole("status")).textContent).toMatch(/Open a video and add an object/);
});

test("a queue that is not for this person says whose it is", () => {
  renderAt(<WorkStrip project={project} />, at);
  expect(screen.getByRole("button", { name: /Review next/ }).getAttribute("aria-disabled")).toBe("true");
});

test("a failed claim shows its sentence", async () => {
  await serve(() => ({
    status: 403,
    body: { code: "not_allowed", message: "Your role in this project does not allow that.", details: {} },
  }));
  renderAt(<WorkStrip project={project} />, at);
  await userEvent.click(screen.getByRole("button", { name: /Annotate next/ }));
  expect((await screen.findByRole("alert")).textContent).toMatch(/Your role/);
});
