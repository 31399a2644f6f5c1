import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { Why } from "./Why";

const place = (frame_idx: number, reason: string) => {
  return { frame_idx, first_frame: frame_idx - 1, last_frame: frame_idx + 1, reason };
};

test("the first three places are told, and one goes there", async () => {
  const go = vi.fn();
  const places = [place(12, "leaks"), place(3, "drifts"), place(30, "flickers"), place(40, "leaks")];
  render(<Why places={places} frame={3} onGo={go} />);
  const told = screen.getAllByRole("button");
  expect(told.map((button) => button.textContent)).toEqual([
    "frames 12 to 14leaks onto something else",
    "frames 3 to 5drifts off the object",
    "frames 30 to 32flickers",
  ]);
  expect(screen.getAllByRole("listitem")[1]?.getAttribute("aria-current")).toBe("true");
  await userEvent.click(screen.getByRole("button", { name: /leaks/ }));
  expect(go).toHaveBeenCalledWith(12);
});

test("nothing is told where nothing is known", () => {
  const { container } = render(<Why places={null} frame={0} onGo={() => undefined} />);
  expect(container.innerHTML).toBe("");
});
