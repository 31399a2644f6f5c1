import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";

import type { Description as Said, Masklet, Vocabulary } from "@/api/models";
import { renderAt } from "@/testing/render";
import { json, serve } from "@/testing/server";

import { Description } from "./Description";
import { useDescription } from "./useDescription";

const label = (id: number, name: string, more = {}) => ({
  id,
  number: id,
  name,
  supercategory: "",
  color: "#e69f00",
  key: "",
  retired: false,
  ...more,
});
const VOCABULARY: Vocabulary = {
  labels: [label(1, "dog"), label(2, "ball", { key: "4" }), label(3, "cat", { retired: true })],
  attributes: [
    { id: 1, name: "pose", kind: "choice", choices: ["lying", "running"], retired: false },
    { id: 2, name: "wet", kind: "tick", choices: [], retired: false },
    { id: 3, name: "age", kind: "number", choices: [], retired: false },
    { id: 4, name: "old", kind: "text", choices: [], retired: true },
  ],
};
const masklet = {
  id: 7,
  project: 4,
  label: "",
  attributes: { age: 3 },
  frame_attributes: [],
} as unknown as Masklet;

function Shown() {
  const [row, setRow] = useState(masklet);
  return <Description keys count={9} frame={2} described={useDescription(row, setRow)} />;
}

async function shown(vocabulary = VOCABULARY, refuse = false) {
  let row = masklet;
  const server = await serve((request) => {
    if (request.method === "GET") return { body: vocabulary };
    if (refuse) return { status: 400, body: { code: "invalid", message: "There is no such label." } };
    row = { ...row, ...(json(request) as Said) };
    return { body: row };
  });
  renderAt(<Shown />);
  const told = () => server.received.filter(({ method }) => method === "PATCH").map(json);
  return { told };
}

test("a label is given by its button and taken back by it; retired ones are not offered", async () => {
  const { told } = await shown();
  const labels = await screen.findByRole("group", { name: "Label" });
  const names = within(labels)
    .getAllByRole("button")
    .map(({ textContent }) => textContent);
  expect(names).toEqual(["ball⇧4", "dog"]);
  await userEvent.click(within(labels).getByRole("button", { name: "dog" }));
  await waitFor(() => expect(told()).toEqual([{ label: "dog" }]));
  const dog = within(labels).getByRole("button", { name: "dog" });
  await waitFor(() => expect(dog.getAttribute("aria-pressed")).toBe("true"));
  await userEvent.click(dog);
  await waitFor(() => expect(told()).toEqual([{ label: "dog" }, { label: "" }]));
});

test("attributes are said one by one, and the others stay", async () => {
  const { told } = await shown();
  await userEvent.click(await screen.findByRole("button", { name: "running" }));
  await userEvent.click(screen.getByRole("button", { name: "yes" }));
  await waitFor(() =>
    expect(told()).toEqual([
      { attributes: { age: 3, pose: "running" } },
      { attributes: { age: 3, pose: "running", wet: true } },
    ]),
  );
  const age = screen.getByRole("textbox", { name: "age" });
  await userEvent.clear(age);
  await userEvent.type(age, "4.5{Enter}");
  await waitFor(() =>
    expect(told().at(-1)).toEqual({ attributes: { age: 4.5, pose: "running", wet: true } }),
  );
  await userEvent.clear(age);
  await userEvent.tab();
  await waitFor(() => expect(told().at(-1)).toEqual({ attributes: { pose: "running", wet: true } }));
  expect(screen.queryByText("old")).toBeNull();
});

test("something is said of some frames, counted from 1 as people do", async () => {
  const { told } = await shown();
  await userEvent.click(await screen.findByRole("button", { name: "Say of some frames" }));
  const form = screen.getByRole("form", { name: "Said of some frames" });
  const last = within(form).getByRole("spinbutton", { name: "to" });
  expect(within(form).getByRole("spinbutton", { name: "Frames" })).toHaveProperty("value", "3");
  await userEvent.clear(last);
  await userEvent.type(last, "10");
  await userEvent.click(within(form).getByRole("button", { name: "lying" }));
  await userEvent.click(within(form).getByRole("button", { name: "Add" }));
  expect(told()).toEqual([]);
  await userEvent.clear(last);
  await userEvent.type(last, "5");
  await userEvent.click(within(form).getByRole("button", { name: "Add" }));
  await waitFor(() =>
    expect(told()).toEqual([{ frame_attributes: [{ name: "pose", value: "lying", first: 2, last: 4 }] }]),
  );
  expect(await screen.findByText("pose: lying")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Take back pose of frames 3–5" }));
  await waitFor(() => expect(told().at(-1)).toEqual({ frame_attributes: [] }));
});

test("without a list any word will do, and what is refused is as it was", async () => {
  await shown({ labels: [], attributes: [] }, true);
  const field = await screen.findByRole("textbox", { name: "Label" });
  await userEvent.type(field, "yak{Enter}");
  expect((await screen.findByRole("alert")).textContent).toContain("There is no such label.");
  await waitFor(() => expect(field).toHaveProperty("value", ""));
});
