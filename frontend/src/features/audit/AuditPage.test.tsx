import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Project } from "@/api/models";
import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { AuditPage } from "./AuditPage";

const project = { id: 4, name: "Animals", roles: ["owner"], counts: {} } as unknown as Project;
const entry = {
  id: 9,
  number: 2,
  at: "2026-11-27T10:00:00Z",
  actor_name: "olga",
  kind: "project_changed",
  sentence: "changed the settings",
  changes: [{ what: "whoever worked on a masklet does not verify it", before: "on", after: "off" }],
  reason: "",
  sha256: "b".repeat(64),
};
const WHOLE = { entries: 2, whole: true, broken_at: null, head: "b".repeat(64), people: ["olga", "remy"] };

const shown = async (check: object = WHOLE, of = project) => {
  const server = await serve(({ path }) =>
    path.includes("/check/") ? { body: check } : { body: { next: null, previous: null, results: [entry] } },
  );
  return {
    server,
    ...renderAt(<AuditPage project={of} />, {
      address: "/projects/4/audit",
      path: "/projects/:projectId/audit",
    }),
  };
};

test("an entry says who, what, before and after", async () => {
  await shown();
  const row = await screen.findByRole("row", { name: /olga/ });
  expect(within(row).getByText(/does not verify it/).textContent).toBe(
    "whoever worked on a masklet does not verify it: on → off",
  );
  expect(await screen.findByText(/2 entries, each of them as it was written/)).toBeTruthy();
});

test("the list, the address and the download are narrowed alike", async () => {
  const { server, router } = await shown();
  await screen.findByRole("option", { name: "remy" });
  await userEvent.selectOptions(screen.getByLabelText("Who"), "remy");
  await userEvent.selectOptions(screen.getByLabelText("What"), "Settings");
  expect(router.state.location.search).toBe("?person=remy&kind=project_changed");
  await screen.findByRole("row", { name: /olga/ });
  expect(
    server.received.some(({ path }) => path === "/api/projects/4/audit/?person=remy&kind=project_changed"),
  ).toBe(true);
  expect(screen.getByRole("link", { name: /Download CSV/ }).getAttribute("href")).toBe(
    "/api/projects/4/audit/csv/?person=remy&kind=project_changed",
  );
});

test("a broken chain is told with the place where it breaks", async () => {
  await shown({ ...WHOLE, whole: false, broken_at: 2 });
  expect((await screen.findByRole("alert")).textContent).toContain("Entry 2 is not what was written there");
});

test("others are told whose it is", async () => {
  const { server } = await shown(WHOLE, { ...project, roles: ["annotator"] });
  expect(screen.getByText("The audit ledger is the owners’")).toBeTruthy();
  expect(server.received).toHaveLength(0);
});
