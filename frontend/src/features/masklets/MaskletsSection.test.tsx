import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense } from "react";
import { expect, test } from "vitest";

import type { Masklet, Project } from "@/api/models";
import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { MaskletsSection } from "./MaskletsSection";

const project = { id: 4, name: "Animals", roles: ["annotator"], counts: {} } as unknown as Project;
const session = { user: { id: 1, username: "anna", full_name: "Anna" }, streams_origin: "", version: "" };
const masklet = (id: number, more: Partial<Masklet>) =>
  ({
    id,
    object_id: id,
    label: "",
    attributes: {},
    frame_attributes: [],
    video: 1,
    video_name: "dog.mp4",
    thumbnail_url: null,
    status: "selected",
    phase: 3,
    revision: 0,
    edited_frames: [],
    suggested_frames_count: 0,
    annotator: null,
    assigned_to: null,
    trial: false,
    last_verdict: null,
    run: null,
    updated_at: "2026-11-22T10:00:00Z",
    ...more,
  }) as Masklet;

test("what is kept for somebody else is not offered, and says for whom it is", async () => {
  const results = [
    masklet(1, { assigned_to: "bert", trial: true }),
    masklet(2, { assigned_to: "anna" }),
    masklet(3, {}),
  ];
  await serve(({ path }) => ({
    body:
      path === "/api/session/"
        ? session
        : path.endsWith("/labels/")
          ? { labels: [], attributes: [] }
          : { next: null, previous: null, results },
  }));
  renderAt(
    <Suspense>
      <MaskletsSection project={project} />
    </Suspense>,
  );
  expect(await screen.findByText("kept for bert")).toBeTruthy();
  const links = screen.getAllByRole("link", { name: "Annotate" }).map((link) => link.getAttribute("href"));
  expect(links).toEqual(["/annotate/2", "/annotate/3"]);
  expect(screen.getByText("experiment")).toBeTruthy();
});

test("masklets are found by a part of their label, which stays in the address", async () => {
  const { received } = await serve(({ path }) => ({
    body:
      path === "/api/session/"
        ? session
        : path.endsWith("/labels/")
          ? { labels: [{ id: 1, name: "dog" }], attributes: [] }
          : { next: null, previous: null, results: path.includes("label=do") ? [] : [masklet(1, {})] },
  }));
  const { router } = renderAt(
    <Suspense>
      <MaskletsSection project={project} />
    </Suspense>,
  );
  await screen.findByText("dog.mp4");
  await userEvent.type(screen.getByLabelText("Label contains"), "do");
  expect(await screen.findByText("No masklet fits these filters")).toBeTruthy();
  expect(router.state.location.search).toBe("?label=do");
  expect(received.some(({ path }) => path.includes("project=4") && path.endsWith("label=do"))).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Show all" }));
  expect(router.state.location.search).toBe("");
});
