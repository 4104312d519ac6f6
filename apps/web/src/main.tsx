import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "./api/client.ts";
import { keys } from "./api/keys.ts";
import { createQueryClient } from "./api/query.ts";
import { Toasts } from "./components/toast.tsx";
import { Connection } from "./live/connection.ts";
import { feedCache } from "./live/feed-cache.ts";
import { LiveProvider } from "./live/live-context.tsx";
import { createAppRouter } from "./router.tsx";
import { applyTheme } from "./shell/theme.ts";
import "./tokens/base.css";
import "./tokens/utilities.css";

const TOOLTIP_MS = 350;

applyTheme();
// First of all: what is read from now on is not older than the stream.
const connection = new Connection();
const client = createQueryClient();
feedCache(connection, client);
const router = createAppRouter(client, connection);

onSignedOut(() => {
  const { pathname, href } = router.state.location;
  if (pathname === "/sign-in") return;
  client.removeQueries({ queryKey: keys.me });
  void router.navigate({ to: "/sign-in", search: { return_to: href, ended: "1" } });
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <LiveProvider connection={connection}>
          <Tooltip.Provider delay={TOOLTIP_MS}>
            <RouterProvider router={router} />
            <Toasts />
          </Tooltip.Provider>
        </LiveProvider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
