import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { approvalsQuery } from "./api/queries/access.ts";
import { artifactQuery } from "./api/queries/artifacts.ts";
import { projectsQuery } from "./api/queries/projects.ts";
import { jobsQuery, runQuery } from "./api/queries/runs.ts";
import type { Connection } from "./live/connection.ts";
import { activitySearch, prefetchActivity } from "./pages/activity/activity-search.ts";
import { approvalsSearch } from "./pages/approvals/approvals-search.ts";
import { artifactsSearch } from "./pages/artifacts/artifacts-search.ts";
import { auditSearch } from "./pages/audit/audit-search.ts";
import { peopleSearch } from "./pages/people/people-search.ts";
import { runSearch } from "./pages/run/run-search.ts";
import { secretsSearch } from "./pages/secrets/secrets-search.ts";
import { signInSearch } from "./pages/sign-in/sign-in-search.ts";
import { whoIsHere } from "./session/session.ts";
import { NotFound } from "./shell/not-found.tsx";
import { PageError } from "./shell/page-error.tsx";
import { SettingsLayout } from "./shell/settings-layout.tsx";
import { Shell } from "./shell/shell.tsx";
import { textSearch } from "./shell/text-search.ts";

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
  validateSearch: signInSearch,
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

const approvalsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/approvals",
  validateSearch: approvalsSearch,
  loader: ({ context }) => void context.client.prefetchQuery(approvalsQuery()),
  component: lazyRouteComponent(() => import("./pages/approvals/approvals-page.tsx"), "ApprovalsPage"),
});

const artifactsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/artifacts",
  validateSearch: artifactsSearch,
  loader: ({ context }) => void context.client.prefetchQuery(projectsQuery()),
  component: lazyRouteComponent(() => import("./pages/artifacts/artifacts-page.tsx"), "ArtifactsPage"),
});

const artifactRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/artifacts/$id",
  validateSearch: textSearch("prefix", "after"),
  loader: ({ context, params }) => void context.client.prefetchQuery(artifactQuery(params.id)),
  component: lazyRouteComponent(() => import("./pages/artifacts/artifact-page.tsx"), "ArtifactPage"),
});

const environmentsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/environments",
  validateSearch: textSearch("project", "edit"),
  loader: ({ context }) => void context.client.prefetchQuery(projectsQuery()),
  component: lazyRouteComponent(() => import("./pages/environments/environments-page.tsx"), "EnvironmentsPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/settings",
  component: SettingsLayout,
});

const settingsIndexRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/secrets", search: {}, replace: true });
  },
});

const secretsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/secrets",
  validateSearch: secretsSearch,
  loader: ({ context }) => void context.client.prefetchQuery(projectsQuery()),
  component: lazyRouteComponent(() => import("./pages/secrets/secrets-page.tsx"), "SecretsPage"),
});

const peopleRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/people",
  validateSearch: peopleSearch,
  loader: ({ context }) => void context.client.prefetchQuery(projectsQuery()),
  component: lazyRouteComponent(() => import("./pages/people/people-page.tsx"), "PeoplePage"),
});

const auditRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/audit",
  validateSearch: auditSearch,
  loader: ({ context }) => void context.client.prefetchQuery(projectsQuery()),
  component: lazyRouteComponent(() => import("./pages/audit/audit-page.tsx"), "AuditPage"),
});

const serverRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/server",
  component: lazyRouteComponent(() => import("./pages/system/system-page.tsx"), "SystemPage"),
});

const profileRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/profile",
  validateSearch: textSearch("new"),
  component: lazyRouteComponent(() => import("./pages/profile/profile-page.tsx"), "ProfilePage"),
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
  appRoute.addChildren([
    activityRoute,
    runRoute,
    approvalsRoute,
    artifactsRoute,
    artifactRoute,
    environmentsRoute,
    settingsRoute.addChildren([settingsIndexRoute, secretsRoute, peopleRoute, auditRoute, serverRoute, profileRoute]),
  ]),
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
