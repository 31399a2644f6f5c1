import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Project, Token } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve, type Answer, type Received } from "@/testing/server";

import { TokensPage } from "./TokensPage";

const project = { id: 4, name: "Animals", roles: ["owner", "reviewer"], counts: {} } as unknown as Project;
const token = (id: number, more: Partial<Token> = {}): Token => ({
  id,
  name: `token ${id}`,
  begins: "mk_abc",
  person: "olga",
  role: "owner",
  created_at: "2026-01-01T00:00:00Z",
  expires_at: "2999-01-01T00:00:00Z",
  used_at: null,
  revoked_at: null,
  ...more,
});

const shown = async (tokens: Token[], answer?: (request: Received) => Answer | number | undefined) => {
  const server = await serve((request) => answer?.(request) ?? { body: tokens });
  return { server, ...renderAt(<TokensPage project={project} />) };
};

test("nothing is there at first, and the page says what a token is", async () => {
  await shown([]);
  expect(await screen.findByText("No tokens yet")).toBeTruthy();
});

test("one that is in force can be revoked, one that is not says since when", async () => {
  await shown([
    token(1),
    token(2, { revoked_at: "2026-01-02T00:00:00Z" }),
    token(3, { expires_at: "2026-01-03T00:00:00Z" }),
  ]);
  const [, first, second, third] = await screen.findAllByRole("row");
  expect(within(first).getByRole("button", { name: "Revoke token 1" })).toBeTruthy();
  expect(first.textContent).toContain("never");
  expect(second.textContent).toContain("revoked");
  expect(third.textContent).toContain("ran out");
  for (const row of [second, third]) expect(within(row).queryByRole("button")).toBeNull();
});

test("a new one is made in a role that one has, and its secret is shown once", async () => {
  const made = { ...token(9, { name: "nightly" }), secret: "mk_secret" };
  const { server } = await shown([], ({ method }) => (method === "POST" ? { body: made } : undefined));
  const role = await screen.findByLabelText<HTMLSelectElement>("Role");
  expect([...role.options].map(({ value }) => value)).toEqual(["owner", "reviewer"]);
  await userEvent.type(screen.getByLabelText("What it is for"), " nightly ");
  await userEvent.selectOptions(role, "reviewer");
  await userEvent.selectOptions(screen.getByLabelText("Good for"), "7");
  await userEvent.click(screen.getByRole("button", { name: "Make a token" }));
  expect(await screen.findByText("mk_secret")).toBeTruthy();
  const sent = server.received.find(({ method }) => method === "POST");
  expect(sent && json(sent)).toEqual({ name: "nightly", role: "reviewer", days: 7 });
  await userEvent.click(screen.getByRole("button", { name: "I have it" }));
  expect(screen.queryByText("mk_secret")).toBeNull();
});

test("a name that is taken is told at its field", async () => {
  const refusal = { code: "invalid", message: "name: taken", details: { name: ["This name is taken."] } };
  await shown([], ({ method }) => (method === "POST" ? { status: 400, body: refusal } : undefined));
  await userEvent.type(await screen.findByLabelText("What it is for"), "nightly");
  await userEvent.click(screen.getByRole("button", { name: "Make a token" }));
  expect(await screen.findByText("This name is taken.")).toBeTruthy();
});

test("revoking asks first", async () => {
  const { server } = await shown([token(1)], ({ method }) => (method === "DELETE" ? 204 : undefined));
  const deleted = () => server.received.filter(({ method }) => method === "DELETE").map(({ path }) => path);
  await userEvent.click(await screen.findByRole("button", { name: "Revoke token 1" }));
  const dialog = await screen.findByRole("dialog");
  await userEvent.click(within(dialog).getByRole("button", { name: "Cancel" }));
  expect(deleted()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Revoke token 1" }));
  await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Revoke" }));
  await waitFor(() => expect(deleted()).toEqual(["/api/projects/4/tokens/1/"]));
});
