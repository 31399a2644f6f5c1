import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, RouterProvider } from "react-router";
import { expect, test } from "vitest";

import { ProjectNav } from "./ProjectNav";
import { routes } from "./router";

/** As it stands in the layout of a project's pages. */
const shown = (isOwner: boolean) => {
  const router = createMemoryRouter(
    [{ path: "/projects/:projectId", element: <ProjectNav isOwner={isOwner} />, children: [{ path: "*" }] }],
    { initialEntries: ["/projects/4/releases/7"] },
  );
  render(<RouterProvider router={router} />);
  return router;
};

const places = () => screen.getAllByRole("link").map(({ textContent }) => textContent);

test("every page of a project has its place", () => {
  shown(true);
  const project = routes[0].children?.[0].children?.find(({ path }) => path === "projects/:projectId");
  const pages = project?.children?.map(({ path }) => path ?? "").filter((path) => !path.includes(":"));
  expect(pages?.length).toBeGreaterThan(15);
  const linked = screen.getAllByRole("link").map((link) => link.getAttribute("href"));
  expect(linked.sort()).toEqual(pages?.map((path) => `/projects/4${path && `/${path}`}`).sort());
});

test("what is the owners' is shown to owners", () => {
  shown(false);
  expect(places()).toContain("Videos");
  expect(places()).not.toContain("Settings");
  expect(places()).not.toContain("Bin");
});

test("where there is little room one button says where one is, and opens the places", async () => {
  const router = shown(true);
  const toggle = screen.getByRole("button", { name: "Releases" });
  expect(toggle.getAttribute("aria-expanded")).toBe("false");
  await userEvent.click(toggle);
  expect(toggle.getAttribute("aria-expanded")).toBe("true");
  await userEvent.keyboard("{Escape}");
  expect(toggle.getAttribute("aria-expanded")).toBe("false");
  await userEvent.click(toggle);
  await userEvent.click(
    within(screen.getByRole("region", { name: "Model" })).getByRole("link", { name: "Runs" }),
  );
  expect(router.state.location.pathname).toBe("/projects/4/runs");
  expect(screen.getByRole("button", { name: "Runs" }).getAttribute("aria-expanded")).toBe("false");
});
