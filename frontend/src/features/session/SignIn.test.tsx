import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { sessionQuery } from "@/api/useSession";
import { renderAt } from "@/testing/render";
import { json, serve } from "@/testing/server";

import { SignIn } from "./SignIn";
import { initials } from "./UserMenu";

const fill = async (password: string) => {
  await userEvent.type(screen.getByLabelText("User name"), "ana");
  await userEvent.type(screen.getByLabelText("Password"), `${password}{Enter}`);
};

test("signing in keeps the session", async () => {
  const session = { user: { id: 1, username: "ana", full_name: "Ana" }, streams_origin: "", version: "1" };
  const { received } = await serve(() => ({ body: session }));
  const { client } = renderAt(<SignIn />);
  await fill("secret");
  await waitFor(() => expect(client.getQueryData(sessionQuery.queryKey)).toEqual(session));
  expect(json(received[0])).toEqual({ username: "ana", password: "secret" });
});

test("a wrong password is told, and the form stays as it was", async () => {
  await serve(() => ({
    status: 401,
    body: { code: "bad_credentials", message: "They do not fit together.", details: {} },
  }));
  renderAt(<SignIn />);
  await fill("wrong");
  expect((await screen.findByRole("alert")).textContent).toBe("They do not fit together.");
  expect(screen.getByLabelText("User name")).toHaveProperty("value", "ana");
});

test("a person is shown by their initials", () => {
  expect(initials("Ana Maria Soto")).toBe("AS");
  expect(initials("ana")).toBe("A");
});
