import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { renderAt } from "@/testing/render";
import { json, serve } from "@/testing/server";

import { PasswordDialog } from "./PasswordDialog";

const fill = async (again: string) => {
  await userEvent.type(screen.getByLabelText("Current password"), "old one");
  await userEvent.type(screen.getByLabelText("New password"), "new one");
  await userEvent.type(screen.getByLabelText("The new one again"), again);
  await userEvent.click(screen.getByText("Change password"));
};

test("another password is sent once it was typed twice alike", async () => {
  const { received } = await serve(() => 204);
  const onClose = vi.fn();
  renderAt(<PasswordDialog username="ana" onClose={onClose} />);
  await fill("new two");
  expect(screen.getByLabelText("The new one again").getAttribute("aria-invalid")).toBe("true");
  expect(screen.getAllByText("The two new passwords differ.")).not.toHaveLength(0);
  expect(received).toHaveLength(0);
  await userEvent.clear(screen.getByLabelText("The new one again"));
  await userEvent.type(screen.getByLabelText("The new one again"), "new one");
  await userEvent.click(screen.getByText("Change password"));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(json(received[0])).toEqual({ current: "old one", password: "new one" });
});

test("a refusal says why and keeps the dialog", async () => {
  await serve(() => ({
    status: 400,
    body: { code: "invalid", message: "The current password is wrong.", details: {} },
  }));
  const onClose = vi.fn();
  renderAt(<PasswordDialog username="ana" onClose={onClose} />);
  await fill("new one");
  expect(await screen.findByText("The current password is wrong.")).toBeTruthy();
  expect(onClose).not.toHaveBeenCalled();
});
