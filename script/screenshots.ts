/**
 * Writes a picture of every page in both themes and widths to `.cache/screenshots/`, of a server with real runs. Look at
 * them before calling a page done. Usage: node script/screenshots.ts [a part of a page's name]
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openBrowser, openPage, openSignedIn, type Theme } from "../test/browser/support/browser.ts";
import { openAdminSite, type AdminSite } from "../test/browser/support/admin-site.ts";
import { openSampleSite, type SampleSite } from "../test/browser/support/sample-site.ts";

const root = join(import.meta.dirname, "..");
const directory = join(root, ".cache/screenshots");
const WIDTHS = {
  wide: { width: 1440, height: 900 },
  widest: { width: 1920, height: 1080 },
  phone: { width: 360, height: 740 },
} as const;

type Shown = readonly [path: string, until: string, then?: (page: Page) => Promise<void>];

type Shops = Pick<SampleSite, "runs" | "pipelines" | "projectId" | "repositoryUrl">;

/** Name of the picture -> address, and what to wait for. A page adds its line here. */
function pagesOf({ runs, pipelines, projectId, repositoryUrl }: Shops): Readonly<Record<string, Shown>> {
  return {
    activity: ["/", "[data-row]"],
    "run-failed": [`/runs/${runs["payments"]}`, "[data-line='122']"],
    "run-success": [`/runs/${runs["storefront"]}`, "[data-line='1']"],
    "run-timeline": [`/runs/${runs["storefront"]}?view=timeline`, "[data-line='1']"],
    "run-running": [`/runs/${runs["deploy-window"]}`, "[data-line='1']"],
    "run-hostile": [`/runs/${runs["hostile-names"]}`, "[data-log]"],
    "run-environment": [`/runs/${runs["storefront"]}?view=environment&tab=results&job=package`, "table"],
    "run-artifacts": [`/runs/${runs["storefront"]}?view=artifacts`, "[aria-expanded]"],
    "run-trigger": [`/runs/${runs["storefront"]}?view=trigger`, "dl"],
    "run-search": [`/runs/${runs["payments"]}?find=booked`, "mark"],
    "run-why": [`/runs/${runs["payments"]}?job=publish&tab=why`, "code"],
    projects: ["/projects", "[data-row]"],
    "project-new": [`/projects/new?url=${encodeURIComponent(repositoryUrl)}`, "h1"],
    "project-one": [`/projects/${projectId}`, "[data-row]"],
    pipeline: [`/pipelines/${pipelines["storefront"]}`, "[data-chart]"],
    "pipeline-never": [`/pipelines/${pipelines["release"]}`, "h1"],
    "pipeline-definition": [`/pipelines/${pipelines["release"]}?tab=definition`, "[data-file-line]"],
    "pipeline-hook": [`/pipelines/${pipelines["storefront"]}?tab=hook`, "[data-hook]"],
    "pipeline-settings": [`/pipelines/${pipelines["storefront"]}?tab=settings`, "input"],
    "pipeline-start": [`/pipelines/${pipelines["release"]}?start=yes`, "[role=dialog] h2"],
    "no-such-page": ["/nothing/here", "h1"],
  };
}

/** The same of pages about who may do what. */
function adminPagesOf({ artifactId }: Pick<AdminSite, "artifactId">): ReturnType<typeof pagesOf> {
  return {
    approvals: ["/approvals", "[data-approval]"],
    "approvals-decide": ["/approvals", "[data-approval]", (page) => page.keyboard.press("a")],
    artifacts: ["/artifacts", "[data-row]"],
    "artifacts-storage": ["/artifacts?view=storage", "table"],
    artifact: [`/artifacts/${artifactId}`, "[data-row]"],
    environments: ["/environments", "dl"],
    "environments-edit": ["/environments?edit=production", "[role=dialog]"],
    secrets: ["/settings/secrets", "[data-row]"],
    "secrets-new": ["/settings/secrets?edit=", "[role=dialog]"],
    "people-roles": ["/settings/people", "[aria-label^='Role of']"],
    "people-users": ["/settings/people?tab=users", "[data-row]"],
    "people-machines-new": ["/settings/people?tab=machines&new=1", "[role=dialog]"],
    audit: ["/settings/audit", "[data-row]"],
    server: ["/settings/server", "dl"],
    profile: ["/settings/profile", "table"],
  };
}

const only = process.argv[2] ?? "";
function isWanted(name: string): boolean {
  return name.includes(only);
}
// A site takes a while to be there: only those that are looked at.
const site = Object.keys(pagesOf({ runs: {}, pipelines: {}, projectId: "", repositoryUrl: "" })).some(isWanted)
  ? await openSampleSite()
  : null;
const admin = Object.keys(adminPagesOf({ artifactId: "" })).some(isWanted) ? await openAdminSite() : null;
const server = (site ?? admin)?.server;
if (server === undefined) throw new Error(`no page is called ${only}`);
const browser = await openBrowser();
try {
  await mkdir(directory, { recursive: true });
  for (const theme of ["light", "dark"] as const satisfies readonly Theme[]) {
    for (const [width, viewport] of Object.entries(WIDTHS)) {
      const options = { colorScheme: theme, viewport };
      const nobody = await openPage(browser, options);
      await nobody.page.goto(`${server.url}/sign-in`);
      await nobody.page.getByRole("heading", { name: "Sign in" }).waitFor();
      await nobody.page.screenshot({ path: join(directory, `sign-in-${theme}-${width}.png`) });
      await nobody.context.close();
      for (const [where, pages] of [
        [site, site === null ? {} : pagesOf(site)],
        [admin, admin === null ? {} : adminPagesOf(admin)],
      ] as const) {
        if (where === null) continue;
        const wanted = Object.entries(pages).filter(([name]) => isWanted(name));
        const { page, context, problems } = await openSignedIn(browser, where.server, options);
        for (const [name, [path, until, then]] of wanted) {
          await page.goto(where.server.url + path);
          await page.locator(until).first().waitFor();
          await then?.(page);
          // Until fonts, the graph and what is drawn behind the first frame are there.
          await page.waitForTimeout(300);
          await page.screenshot({ path: join(directory, `${name}-${theme}-${width}.png`) });
        }
        if (problems.length > 0) console.error(problems.join("\n"));
        await context.close();
      }
    }
  }
  console.log(`The pictures are in ${directory.slice(root.length + 1)}/`);
} finally {
  await browser.close();
  await site?.close();
  await admin?.close();
}
