import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Project } from "@/api/models";
import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { BinPage } from "./BinPage";

const project = { id: 4, name: "Animals", roles: ["owner"] } as unknown as Project;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000 + 60_000).toISOString();
const row = { id: 9, name: "dog.mp4", bytes: 2_000_000, removed_at: inDays(-1), emptied_on: inDays(29) };

test("a removed video says how long it can come back, and comes back", async () => {
  let removed = [row];
  const server = await serve(({ method }) => {
    if (method === "POST") removed = [];
    return { body: method === "POST" ? {} : removed };
  });
  renderAt(<BinPage project={project} />);
  expect(await screen.findByText("29 days")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Restore dog.mp4" }));
  expect(await screen.findByText("The bin is empty")).toBeTruthy();
  const post = server.received.find(({ method }) => method === "POST");
  expect(post?.path).toBe("/api/projects/4/bin/9/restore/");
});

test("why it cannot come back is said beside it", async () => {
  await serve(({ method }) =>
    method === "POST"
      ? { status: 404, body: { code: "not_found", message: "It is too late." } }
      : { body: [row] },
  );
  renderAt(<BinPage project={project} />);
  await userEvent.click(await screen.findByRole("button", { name: "Restore dog.mp4" }));
  await waitFor(() => expect(screen.getByRole("alert").textContent).toBe("It is too late."));
});
