import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { SessionsDialog } from "./SessionsDialog";

test("the other sessions are counted and can be ended", async () => {
  let others = 2;
  const { received } = await serve(({ method }) => {
    if (method === "GET") return { body: { count: others } };
    others = 0;
    return 204;
  });
  renderAt(<SessionsDialog onClose={() => undefined} />);
  expect(await screen.findByText("You are signed in here and in 2 other browsers.")).toBeTruthy();
  await userEvent.click(screen.getByText("Sign out everywhere else"));
  expect(await screen.findByText("You are signed in here and nowhere else.")).toBeTruthy();
  await waitFor(() =>
    expect(received.some(({ method, path }) => method === "DELETE" && path === "/api/session/others/")).toBe(
      true,
    ),
  );
});
