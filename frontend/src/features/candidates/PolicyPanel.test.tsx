import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { CandidatePolicy, Project } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve } from "@/testing/server";

import { PolicyPanel } from "./PolicyPanel";
import { WeakPlaces } from "./WeakPlaces";

const project = (...roles: string[]) => ({ id: 4, name: "Animals", roles }) as unknown as Project;
const policy: CandidatePolicy = {
  refine_share: 0.3,
  prefer: "hard",
  precision: 0.9,
  own_threshold: null,
  threshold: 0.4,
  fitted: null,
  usual: 0.4,
  verdicts: 10,
  missing: 20,
  curve: [
    { threshold: 0, judged: 10, precision: 0.5, at_least: 0.3, passes: 40 },
    { threshold: 0.7, judged: 4, precision: 1, at_least: 0.6, passes: 8 },
  ],
  moved: 0,
};

test("the threshold is moved, says what it would let through, and is set", async () => {
  const { received } = await serve(({ method }) => ({
    body: method === "PATCH" ? { ...policy, own_threshold: 0.6, threshold: 0.6, moved: 3 } : policy,
  }));
  renderAt(<PolicyPanel project={project("owner")} />);
  expect(await screen.findByText(/until 20 more verdicts teach a better one/)).toBeDefined();
  expect(screen.getByRole("progressbar").getAttribute("aria-valuetext")).toBe("10 of 30 verdicts");
  const use = () => screen.getByRole("button", { name: /^Use 0/ });
  expect(use().getAttribute("aria-disabled")).toBe("true");
  fireEvent.change(screen.getByRole("slider"), { target: { value: "0.6" } });
  expect(screen.getByText(/8 of 40 candidates pass. Of 4 judged, 100 % were satisfactory/)).toBeDefined();
  await userEvent.click(use());
  expect(await screen.findByText("3 candidates changed sides.")).toBeDefined();
  const sent = received.find(({ method }) => method === "PATCH");
  expect(sent && json(sent)).toEqual({ threshold: 0.6 });
  expect(await screen.findByRole("button", { name: "Use the usual one" })).toBeDefined();
});

test("who is no owner looks at it", async () => {
  await serve(() => ({ body: policy }));
  renderAt(<PolicyPanel project={project("reviewer")} />);
  const slider = await screen.findByRole("slider");
  expect(slider.hasAttribute("disabled")).toBe(true);
  expect(screen.queryByRole("button", { name: /Use/ })).toBeNull();
});

test("weak places are told with their reason, and none is told as such", async () => {
  let failures: unknown[] = [];
  await serve(() => ({ body: { failures, counts: failures.length ? { corrected: 1 } : {} } }));
  const { unmount } = renderAt(<WeakPlaces project={project("owner")} />);
  expect(await screen.findByText("No weak place is known")).toBeDefined();
  unmount();
  failures = [
    {
      masklet: 7,
      object_id: 2,
      label: "dog",
      status: "accepted",
      source: "manual",
      video: 3,
      video_name: "park.mp4",
      frame_idx: 4,
      reason: "corrected",
      strength: 0.8,
      count: 4,
      weight: 3.4,
      frame_url: "x.jpg",
    },
  ];
  renderAt(<WeakPlaces project={project("owner")} />);
  const link = await screen.findByRole("link", { name: "park.mp4, object 2 dog" });
  await waitFor(() => expect(link.getAttribute("href")).toBe("/videos/3"));
  expect(screen.getByText("Corrected × 4")).toBeDefined();
});
