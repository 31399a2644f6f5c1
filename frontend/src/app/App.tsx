import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { RouterProvider } from "react-router";

import { applyTheme, storedTheme } from "@/lib/theme";
import { ActionsProvider } from "@/ui";

import { createQueryClient } from "./queryClient";
import { createRouter } from "./router";

applyTheme(storedTheme());

export function App() {
  const [client] = useState(createQueryClient);
  const [router] = useState(createRouter);
  return (
    <QueryClientProvider client={client}>
      <ActionsProvider>
        <RouterProvider router={router} />
      </ActionsProvider>
    </QueryClientProvider>
  );
}
