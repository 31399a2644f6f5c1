import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter, Route, Routes, useLocation, useNavigate } from "react-router";
import { afterEach, expect, test, vi } from "vitest";

import { Signal, Store, useSignal, useStore } from "./signal";
import { applyTheme, isDark, storedTheme } from "./theme";
import { useAddress } from "./useAddress";
import { useIdParam } from "./useIdParam";
import { useResource } from "./useResource";
import { useTitle } from "./useTitle";

afterEach(() => {
  applyTheme("system");
  vi.unstubAllGlobals();
});

const at =
  (path: string, pattern = "*") =>
  ({ children }: { children: ReactNode }) => (
    <MemoryRouter initialEntries={["/before", path]} initialIndex={1}>
      <Routes>
        <Route path={pattern} element={children} />
      </Routes>
    </MemoryRouter>
  );

const useAddressAndPlace = () => ({ ...useAddress(), at: useLocation(), go: useNavigate() });

test("what a page is narrowed to is put into the address and taken out of it", () => {
  const { result } = renderHook(useAddressAndPlace, { wrapper: at("/videos?phase=2&split=val") });
  act(() => result.current.set("phase", "3"));
  expect(result.current.at.search).toBe("?phase=3&split=val");
  act(() => result.current.set("split", undefined));
  expect(result.current.at.search).toBe("?phase=3");
  act(() => result.current.set("phase", ""));
  expect(result.current.at.search).toBe("");
});

test("narrowing leaves no steps on the way back", () => {
  const { result } = renderHook(useAddressAndPlace, { wrapper: at("/videos") });
  act(() => result.current.set("phase", "1"));
  act(() => result.current.replace({ split: "train" }));
  expect(result.current.at.search).toBe("?split=train");
  act(() => void result.current.go(-1));
  expect(result.current.at.pathname).toBe("/before");
});

test.each([
  ["12", 12],
  ["0012", 12],
  ["", 0],
  ["-1", 0],
  ["1.5", 0],
  ["1e3", 0],
  ["abc", 0],
])("of an address only digits are an id: %j", (text, id) => {
  const { result } = renderHook(() => useIdParam("id"), { wrapper: at(`/videos/${text}`, "/videos/:id?") });
  expect(result.current).toBe(id);
});

test("a resource is made once, whatever is drawn again, and closed when it goes", () => {
  const open = vi.fn(() => ({ name: "worker" }));
  const close = vi.fn();
  const { result, rerender, unmount } = renderHook(() => useResource(open, close));
  rerender();
  rerender();
  expect(open).toHaveBeenCalledTimes(1);
  const made = result.current;
  expect(made).toEqual({ name: "worker" });
  expect(close).not.toHaveBeenCalled();
  unmount();
  expect(close.mock.calls).toEqual([[made]]);
});

test("a signal draws those again who watch, and not those who went", () => {
  const signal = new Signal();
  const { result, unmount } = renderHook(() => useSignal(signal));
  act(() => signal.emit());
  act(() => signal.emit());
  expect(result.current).toBe(2);
  unmount();
  expect(() => signal.emit()).not.toThrow();
  expect(signal.read()).toBe(3);
});

test("a store changes as a whole, and keeps what a change does not name", () => {
  const store = new Store({ zoom: 1, frame: 5 });
  const before = store.read();
  const { result } = renderHook(() => useStore(store));
  act(() => store.set({ zoom: 2 }));
  expect(result.current).toEqual({ zoom: 2, frame: 5 });
  expect(before).toEqual({ zoom: 1, frame: 5 });
});

test("the page's title names what it shows, and the product alone until that is known", () => {
  const { rerender } = renderHook(({ title }) => useTitle(title), {
    initialProps: { title: undefined as string | undefined },
  });
  expect(document.title).toBe("Maskloop");
  rerender({ title: "Runs" });
  expect(document.title).toBe("Runs · Maskloop");
});

test("a chosen theme is kept and beats the system's; the system's comes back when it is let go", () => {
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: query.includes("dark") }));
  expect([storedTheme(), isDark("system"), isDark("light")]).toEqual(["system", true, false]);
  applyTheme("light");
  expect([storedTheme(), document.documentElement.dataset.theme]).toEqual(["light", "light"]);
  applyTheme("system");
  expect([storedTheme(), document.documentElement.dataset.theme]).toEqual(["system", undefined]);
});

test("what somebody else stored as theme counts as none", () => {
  localStorage.setItem("maskloop.theme", "sepia");
  expect(storedTheme()).toBe("system");
});
