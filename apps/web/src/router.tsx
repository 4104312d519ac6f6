import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { jobsQuery, runQuery } from "./api/queries/runs.ts";
import type { Connection } from "./live/connection.ts";
import { activitySearch, prefetchActivity } from "./pages/activity/activity-search.ts";
import { runSearch } from "./pages/run/run-search.ts";
import { safeReturn, whoIsHere } from "./session/session.ts";
import { NotFound } from "./shell/not-found.tsx";
import { PageError } from "./shell/page-error.tsx";
import { Shell } from "./shell/shell.tsx";

interface RouterContext {
  readonly client: QueryClient;
  readonly connection: Connection;
}

/**
 * All pages. Each is a file of its own, loaded when it is first opened; what it shows first is asked for at the same time.
 * What a page remembers (filters, what is selected) is in its address: `validateSearch` reads it.
 */
const rootRoute = createRootRouteWithContext<RouterContext>()({ component: Outlet, notFoundComponent: NotFound });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search): { return_to?: string } =>
    typeof search["return_to"] === "string" ? { return_to: safeReturn(search["return_to"]) } : {},
  component: lazyRouteComponent(() => import("./pages/sign-in/sign-in-page.tsx"), "SignInPage"),
});

/** Around all pages that are for people who are signed in. */
const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "app",
  beforeLoad: async ({ context, location }) => {
    if ((await whoIsHere(context.client)) !== null) return;
    throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { return_to: location.href } });
  },
  component: Shell,
});

const activityRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/",
  validateSearch: activitySearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => prefetchActivity(context.client, deps),
  component: lazyRouteComponent(() => import("./pages/activity/activity-page.tsx"), "ActivityPage"),
});

const runRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/runs/$id",
  validateSearch: runSearch,
  loader: ({ context, params }) => {
    void context.client.prefetchQuery(runQuery(params.id));
    void context.client.prefetchQuery(jobsQuery(params.id));
  },
  component: lazyRouteComponent(() => import("./pages/run/run-page.tsx"), "RunPage"),
});

/** Every shared component in every state; it is in development builds alone. */
const devRoutes = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => rootRoute,
        path: "/dev/components",
        component: lazyRouteComponent(() => import("./pages/dev/components-page.tsx"), "ComponentsPage"),
      }),
    ]
  : [];

const routeTree = rootRoute.addChildren([
  signInRoute,
  appRoute.addChildren([activityRoute, runRoute]),
  ...(devRoutes as []),
]);

// eslint-disable-next-line typescript/explicit-module-boundary-types -- the type is what the tree of routes makes of it
export function createAppRouter(client: QueryClient, connection: Connection) {
  return createRouter({
    routeTree,
    context: { client, connection },
    defaultPreload: "intent",
    // Queries know how fresh they are.
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: PageError,
    scrollRestoration: true,
    // Plain text: an address is written and read by people, too.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch,
  });
}

function stringifySearch(search: Record<string, unknown>): string {
  const given = Object.entries(search).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, value]] : [],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
