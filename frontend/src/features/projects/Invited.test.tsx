import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { Invited } from "./Invited";

const invitation = {
  id: 7,
  project_name: "Animals",
  role: "annotator",
  invited_by: "olga",
  created_at: "2026-11-27T10:00:00Z",
};

const shown = async (verb: string) => {
  let answered = false;
  const server = await serve(({ method }) => {
    if (method === "GET") return { body: answered ? [] : [invitation] };
    answered = true;
    return verb === "accept" ? { status: 201, body: {} } : 204;
  });
  renderAt(<Invited />);
  return server;
};

test.each(["Accept", "Decline"])("who is asked can %s, and the question is gone", async (word) => {
  const server = await shown(word.toLowerCase());
  expect((await screen.findByRole("listitem")).textContent).toContain(
    "olga invites you to Animals as an annotator.",
  );
  await userEvent.click(screen.getByRole("button", { name: `${word} the invitation to Animals` }));
  await waitFor(() => expect(screen.queryByRole("listitem")).toBeNull());
  const post = server.received.find(({ method }) => method === "POST")!;
  expect(post.path).toBe(`/api/invitations/7/${word.toLowerCase()}/`);
  expect(post.headers["idempotency-key"]).toBeTruthy();
});
