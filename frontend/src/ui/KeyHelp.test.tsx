import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { ActionsProvider, useActions } from "./actions";
import { KeyHelp } from "./KeyHelp";

function Tool({ perform, label = "Propagate forward" }: { perform: () => void; label?: string }) {
  useActions([{ name: "forward", label, keys: ["Shift+F"], group: "Propagate", perform }]);
  return <button type="button">tool</button>;
}

test("the overview is made from the actions of the page that is shown", async () => {
  const { rerender } = render(
    <ActionsProvider>
      <KeyHelp />
      <Tool perform={() => undefined} />
    </ActionsProvider>,
  );
  await userEvent.keyboard("?");
  const overview = screen.getByRole("dialog", { name: "Keys" });
  expect(within(overview).getByText("Propagate forward")).toBeTruthy();
  rerender(
    <ActionsProvider>
      <KeyHelp />
    </ActionsProvider>,
  );
  expect(within(overview).queryByText("Propagate forward")).toBeNull();
});

test("a key performs what the last render said", async () => {
  const [first, second] = [vi.fn(), vi.fn()];
  const page = (perform: () => void) => (
    <ActionsProvider>
      <Tool perform={perform} />
    </ActionsProvider>
  );
  const { rerender } = render(page(first));
  rerender(page(second));
  await userEvent.keyboard("{Shift>}F{/Shift}");
  expect(first).not.toHaveBeenCalled();
  expect(second).toHaveBeenCalledOnce();
});

test("keys rest while a dialog is open", async () => {
  const perform = vi.fn();
  render(
    <ActionsProvider>
      <KeyHelp />
      <Tool perform={perform} />
    </ActionsProvider>,
  );
  await userEvent.keyboard("?");
  await userEvent.keyboard("{Shift>}F{/Shift}");
  expect(perform).not.toHaveBeenCalled();
});
