import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Project } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve, type Answer, type Received } from "@/testing/server";

import { MembersPage } from "./MembersPage";

const project = { id: 4, name: "Animals", roles: ["owner"], counts: {} } as unknown as Project;
const anna = { id: 2, username: "anna", full_name: "Anna" };
const members = (phases: number[]) => [
  { id: 11, user: anna, role: "annotator", phases, created_at: "" },
  { id: 12, user: anna, role: "reviewer", phases: [1, 2, 3], created_at: "" },
  {
    id: 13,
    user: { id: 3, username: "remy", full_name: "" },
    role: "reviewer",
    phases: [1, 2, 3],
    created_at: "",
  },
];

const waiting = [
  { id: 5, user: "carl", role: "reviewer", invited_by: "olga", created_at: "2026-11-27T10:00:00Z" },
];

const shown = async (
  phases = [1, 2, 3],
  answer?: (request: Received) => Answer | undefined,
  of = project,
) => {
  const server = await serve((request) => {
    const answered = answer?.(request);
    if (answered) return answered;
    return { body: request.path.endsWith("/invitations/") ? waiting : members(phases) };
  });
  return { server, ...renderAt(<MembersPage project={of} />) };
};

test("an annotator is trained for a phase with one press", async () => {
  const { server } = await shown([3]);
  const group = await screen.findByRole("group", { name: "Phases that Anna is trained for" });
  await userEvent.click(within(group).getByRole("button", { name: "Phase 1", pressed: false }));
  await waitFor(() => expect(server.received.some(({ method }) => method === "PATCH")).toBe(true));
  const patch = server.received.find(({ method }) => method === "PATCH")!;
  expect(patch.path).toBe("/api/projects/4/members/11/");
  expect(json(patch)).toEqual({ phases: [1, 3] });
});

test("only annotators are trained", async () => {
  await shown();
  await screen.findByText("remy", { selector: "strong" });
  expect(screen.getAllByRole("group")).toHaveLength(1);
});

test("the last phase stays", async () => {
  const { server } = await shown([3]);
  await userEvent.click(await screen.findByRole("button", { name: "Phase 3" }));
  expect(server.received.every(({ method }) => method === "GET")).toBe(true);
});

test("a refusal says why and puts it back", async () => {
  const refusal = { status: 403, body: { code: "not_allowed", message: "Only owners may.", details: {} } };
  await shown([3], ({ method }) => (method === "PATCH" ? refusal : undefined));
  await userEvent.click(await screen.findByRole("button", { name: "Phase 1" }));
  expect((await screen.findByRole("alert")).textContent).toBe("Only owners may.");
  expect(screen.getByRole("button", { name: "Phase 1", pressed: false })).toBeTruthy();
});

test("others see it and change nothing", async () => {
  await shown([2, 3], undefined, { ...project, roles: ["annotator"] });
  expect(await screen.findByText("2, 3")).toBeTruthy();
  expect(screen.queryByRole("group")).toBeNull();
});

test("a person is removed with every role, after a question", async () => {
  const { server } = await shown([3], ({ method }) => (method === "DELETE" ? { status: 204 } : undefined));
  await userEvent.click(await screen.findByRole("button", { name: "Remove Anna" }));
  const dialog = await screen.findByRole("dialog", { hidden: true });
  expect(server.received.every(({ method }) => method === "GET")).toBe(true);
  await userEvent.click(within(dialog).getByText("Remove"));
  await waitFor(() =>
    expect(server.received.filter(({ method }) => method === "DELETE").map(({ path }) => path)).toEqual([
      "/api/projects/4/members/11/",
      "/api/projects/4/members/12/",
    ]),
  );
});

test("the last owner stays, and the question says why", async () => {
  const refusal = {
    status: 409,
    body: { code: "wrong_state", message: "A project has an owner.", details: {} },
  };
  await shown([3], ({ method }) => (method === "DELETE" ? refusal : undefined));
  await userEvent.click(await screen.findByRole("button", { name: "Remove remy" }));
  await userEvent.click(within(await screen.findByRole("dialog", { hidden: true })).getByText("Remove"));
  expect(await screen.findByText("A project has an owner.")).toBeTruthy();
});

test("people are invited, and an invitation can be withdrawn", async () => {
  const { server } = await shown([3], ({ method }) =>
    method === "POST" ? { status: 201, body: waiting[0] } : method === "DELETE" ? { status: 204 } : undefined,
  );
  await userEvent.type(await screen.findByLabelText("User name"), "carl");
  await userEvent.selectOptions(screen.getByLabelText("Role"), "reviewer");
  await userEvent.click(screen.getByRole("button", { name: "Invite" }));
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("User name").value).toBe(""));
  expect(json(server.received.find(({ method }) => method === "POST")!)).toEqual({
    user: "carl",
    role: "reviewer",
  });
  await userEvent.click(screen.getByRole("button", { name: "Withdraw the invitation of carl" }));
  await waitFor(() =>
    expect(
      server.received.some(
        ({ method, path }) => method === "DELETE" && path === "/api/projects/4/invitations/5/",
      ),
    ).toBe(true),
  );
});
