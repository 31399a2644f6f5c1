import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";

import { serve } from "@/testing/server";

import { followPage } from "./pages";
import { usePages, type PagesOptions } from "./usePages";

/** Two pages of two rows each; the second is the last. */
const twoPages = (fails = () => false) =>
  serve(({ path }) => {
    if (fails()) return { status: 409, body: { code: "busy", message: "Try later.", details: {} } };
    const second = path.includes("cursor=2");
    return {
      body: {
        next: second ? null : "http://elsewhere/api/rows/?cursor=2",
        results: second ? [3, 4] : [1, 2],
      },
    };
  });

function rows(options?: PagesOptions<number>) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const first = () => followPage<number>("http://elsewhere/api/rows/");
  return renderHook(() => usePages(["rows"], first, options), { wrapper });
}

test("the next page is fetched when it is asked for, and there is none after the last", async () => {
  const { received } = await twoPages();
  const { result } = rows();
  expect(result.current.rows).toBeUndefined();
  await waitFor(() => expect(result.current.rows).toEqual([1, 2]));
  expect(received).toHaveLength(1);
  act(() => result.current.more?.());
  await waitFor(() => expect(result.current.rows).toEqual([1, 2, 3, 4]));
  expect(result.current.more).toBeUndefined();
});

test("what is not wanted yet is not asked for", async () => {
  const { received } = await twoPages();
  const { result } = rows({ enabled: false });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(received).toEqual([]);
  expect(result.current).toMatchObject({ rows: undefined, error: null });
});

test("a list is looked at again as often as what is in it asks for", async () => {
  const { received } = await twoPages();
  rows({ poll: (shown) => (shown.length > 0 ? 20 : false) });
  await waitFor(() => expect(received.length).toBeGreaterThan(2));
});

test("a look that fails keeps what was there and says why", async () => {
  let down = false;
  await twoPages(() => down);
  const { result } = rows();
  await waitFor(() => expect(result.current.rows).toEqual([1, 2]));
  down = true;
  act(() => result.current.refetch());
  await waitFor(() => expect(result.current.error?.message).toBe("Try later."));
  expect(result.current.rows).toEqual([1, 2]);
});
