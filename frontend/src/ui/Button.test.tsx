import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Trash2 } from "lucide-react";
import { expect, test, vi } from "vitest";

import { Button } from "./Button";
import { IconButton } from "./IconButton";

// jsdom does not know that a popover was shown.
const SHOWN = { hidden: true };

test("a button that cannot be used tells its reason and does nothing", async () => {
  const onClick = vi.fn();
  render(
    <Button onClick={onClick} disabledReason="Only owners may">
      Freeze
    </Button>,
  );
  const button = screen.getByRole("button", { name: "Freeze" });
  expect(button).toHaveProperty("ariaDisabled", "true");
  await userEvent.tab();
  expect(document.activeElement).toBe(button);
  expect((await screen.findByRole("tooltip", SHOWN)).textContent).toBe("Only owners may");
  await userEvent.click(button);
  expect(onClick).not.toHaveBeenCalled();
});

test("a busy button says what is being done and refuses a second click", async () => {
  const onClick = vi.fn();
  render(
    <Button onClick={onClick} busy="Freezing">
      Freeze
    </Button>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Freezing" }));
  expect(onClick).not.toHaveBeenCalled();
});

test("a button that cannot be used does not submit its form either", async () => {
  const onSubmit = vi.fn();
  render(
    <form onSubmit={onSubmit}>
      <Button type="submit" disabledReason="Not yet">
        Send
      </Button>
    </form>,
  );
  await userEvent.click(screen.getByRole("button"));
  expect(onSubmit).not.toHaveBeenCalled();
});

test("an icon button has a name, and shows it with its key", async () => {
  render(<IconButton icon={Trash2} label="Discard" shortcut="Shift+X" />);
  const button = screen.getByRole("button", { name: "Discard" });
  await userEvent.hover(button);
  expect((await screen.findByRole("tooltip", SHOWN)).textContent).toBe("DiscardShiftX");
  await userEvent.unhover(button);
  expect(screen.queryByRole("tooltip", SHOWN)).toBeNull();
});

test("Escape puts a tooltip away and stays free for others", async () => {
  const seen = vi.fn();
  window.addEventListener("keydown", seen);
  render(<IconButton icon={Trash2} label="Discard" />);
  await userEvent.tab();
  await screen.findByRole("tooltip", SHOWN);
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("tooltip", SHOWN)).toBeNull();
  expect((seen.mock.lastCall as [KeyboardEvent])[0].defaultPrevented).toBe(false);
  window.removeEventListener("keydown", seen);
});
