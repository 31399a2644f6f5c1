import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";

import { ActionsProvider } from "@/ui";

/** Renders a page at `address` (its route is `path`) with what every page may rely on. */
export function renderAt(element: ReactNode, { address = "/", path = "*" } = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter(
    [
      { path, element },
      { path: "*", element: <p>elsewhere</p> },
    ],
    { initialEntries: [address] },
  );
  const view = render(
    <QueryClientProvider client={client}>
      <ActionsProvider>
        <RouterProvider router={router} />
      </ActionsProvider>
    </QueryClientProvider>,
  );
  return { ...view, router, client };
}
