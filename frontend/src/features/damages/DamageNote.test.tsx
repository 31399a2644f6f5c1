import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";

import { renderAt } from "@/testing/render";
import { serve } from "@/testing/server";

import { DamageNote } from "./DamageNote";

const damage = (id: number) => ({
  id,
  key: `projects/4/videos/2/frames/0000${id}.jpg`,
  sentence: `Frame ${id} of dog.mp4 is not what was stored.`,
  found_at: "2026-11-27T10:00:00Z",
  seen_at: "2026-11-27T10:00:00Z",
});
const shown = async (results: unknown[], next: string | null = null) => {
  const server = await serve(() => ({ body: { next, previous: null, results } }));
  const { container } = renderAt(<DamageNote project={4} />);
  await waitFor(() => expect(server.received.length).toBe(1));
  return container;
};

test("damaged objects are counted and named", async () => {
  await shown([damage(1), damage(2)]);
  expect(await screen.findByText(/^2 stored objects are missing or damaged/)).toBeTruthy();
  expect(screen.getByText("projects/4/videos/2/frames/00001.jpg")).toBeTruthy();
});

test("a well store says nothing", async () => {
  expect((await shown([])).textContent).toBe("");
});
