import { expect, test, vi } from "vitest";

import { dispatchKey, keyCaps, matchesKey, type Action } from "./actions";

const press = (key: string, modifiers: KeyboardEventInit = {}) =>
  new KeyboardEvent("keydown", { key, cancelable: true, ...modifiers });

test.each([
  ["f", {}, "F", true],
  ["F", { shiftKey: true }, "F", false],
  ["F", { shiftKey: true }, "Shift+F", true],
  ["z", { ctrlKey: true }, "Ctrl+Z", true],
  ["z", { metaKey: true }, "Ctrl+Z", true],
  ["Z", { ctrlKey: true, shiftKey: true }, "Ctrl+Z", false],
  ["Z", { ctrlKey: true, shiftKey: true }, "Ctrl+Shift+Z", true],
  [" ", {}, "Space", true],
  ["?", { shiftKey: true }, "?", true],
  ["[", {}, "[", true],
  ["d", { altKey: true }, "D", false],
])("key %s with %o is %s: %s", (key, modifiers, name, matches) => {
  expect(matchesKey(press(key, modifiers), name)).toBe(matches);
});

const action = (change: Partial<Action> = {}): Action => ({
  name: "go",
  label: "Go",
  keys: ["G"],
  perform: vi.fn(),
  ...change,
});

test("Shift with a digit is known by the place of the key, whatever sign it writes", () => {
  const event = press("!", { shiftKey: true, code: "Digit1" });
  expect(matchesKey(event, "Shift+1")).toBe(true);
  expect(matchesKey(event, "Shift+2")).toBe(false);
  expect(matchesKey(event, "1")).toBe(false);
  expect(matchesKey(press("1", { code: "Digit1" }), "Shift+1")).toBe(false);
});

test("a key performs its action and belongs to nobody else then", () => {
  const go = action();
  const event = press("g");
  expect(dispatchKey([go], event)).toBe(true);
  expect(go.perform).toHaveBeenCalledOnce();
  expect(event.defaultPrevented).toBe(true);
});

test("an action with a reason against it does nothing", () => {
  const go = action({ disabled: "Nothing to go to" });
  dispatchKey([go], press("g"));
  expect(go.perform).not.toHaveBeenCalled();
});

test("holding a key repeats only what may repeat", () => {
  const once = action();
  const often = action({ keys: ["D"], repeats: true });
  dispatchKey([once, often], press("g", { repeat: true }));
  dispatchKey([once, often], press("d", { repeat: true }));
  expect(once.perform).not.toHaveBeenCalled();
  expect(often.perform).toHaveBeenCalledOnce();
});

test("keys that are typed into a field stay there", () => {
  const go = action();
  const input = document.body.appendChild(document.createElement("input"));
  input.addEventListener("keydown", (event) => dispatchKey([go], event));
  input.dispatchEvent(press("g"));
  expect(go.perform).not.toHaveBeenCalled();
});

test("keys are printed as on the keyboard", () => {
  expect(keyCaps("Shift+ArrowLeft")).toEqual(["Shift", "←"]);
  expect(keyCaps("b")).toEqual(["B"]);
});
