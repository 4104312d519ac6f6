/**
 * Writes a picture of every page in both themes and widths to `.cache/screenshots/`, of a server with real runs. Look at
 * them before calling a page done. Usage: node script/screenshots.ts [a part of a page's name]
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBrowser, openPage, openSignedIn, type Theme } from "../test/browser/support/browser.ts";
import { openSampleSite, type SampleSite } from "../test/browser/support/sample-site.ts";

const root = join(import.meta.dirname, "..");
const directory = join(root, ".cache/screenshots");
const WIDTHS = {
  wide: { width: 1440, height: 900 },
  widest: { width: 1920, height: 1080 },
  phone: { width: 360, height: 740 },
} as const;

/** Name of the picture -> address, and what to wait for. A page adds its line here. */
function pagesOf({ runs }: SampleSite): Readonly<Record<string, readonly [path: string, until: string]>> {
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
    "no-such-page": ["/nothing/here", "h1"],
  };
}

const only = process.argv[2] ?? "";
const site = await openSampleSite();
const browser = await openBrowser();
try {
  await mkdir(directory, { recursive: true });
  for (const theme of ["light", "dark"] as const satisfies readonly Theme[]) {
    for (const [width, viewport] of Object.entries(WIDTHS)) {
      const options = { colorScheme: theme, viewport };
      const nobody = await openPage(browser, options);
      await nobody.page.goto(`${site.server.url}/sign-in`);
      await nobody.page.getByRole("heading", { name: "Sign in" }).waitFor();
      await nobody.page.screenshot({ path: join(directory, `sign-in-${theme}-${width}.png`) });
      await nobody.context.close();
      const { page, context, problems } = await openSignedIn(browser, site.server, options);
      for (const [name, [path, until]] of Object.entries(pagesOf(site))) {
        if (!name.includes(only)) continue;
        await page.goto(site.server.url + path);
        await page.locator(until).first().waitFor();
        // Until fonts, the graph and what is drawn behind the first frame are there.
        await page.waitForTimeout(300);
        await page.screenshot({ path: join(directory, `${name}-${theme}-${width}.png`) });
      }
      if (problems.length > 0) console.error(problems.join("\n"));
      await context.close();
    }
  }
  console.log(`The pictures are in ${directory.slice(root.length + 1)}/`);
} finally {
  await browser.close();
  await site.close();
}
