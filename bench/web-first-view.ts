/*
 * First views of the pages with an empty cache, on a local server: until content is seen, and what of script and style was
 * sent for it. Usage: node bench/web-first-view.ts
 */
import { firstView, openBrowser, openSignedIn } from "../test/browser/support/browser.ts";
import { openSampleSite } from "../test/browser/support/sample-site.ts";
import { median } from "./lib/statistics.ts";

const ROUNDS = 5;

const site = await openSampleSite();
const browser = await openBrowser();
try {
  const pages = {
    activity: ["/", "[data-row]"],
    projects: ["/projects", "[data-row]"],
    project: [`/projects/${site.projectId}`, "[data-row]"],
    "new project": ["/projects/new", "form"],
    pipeline: [`/pipelines/${site.pipelines["storefront"]}`, "[data-chart]"],
    definition: [`/pipelines/${site.pipelines["release"]}?tab=definition`, "[data-file-line]"],
    run: [`/runs/${site.runs["payments"]}`, "[data-row]"],
  } as const;
  for (const [name, [path, until]] of Object.entries(pages)) {
    const shown: number[] = [];
    let sent = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      // A window of its own: nothing is cached, and no pointer rests on a link that would be prepared.
      const opened = await openSignedIn(browser, site.server);
      const { bytes, shownMs } = await firstView(opened, site.server.url + path, until);
      shown.push(shownMs);
      sent = Math.max(sent, bytes);
      await opened.context.close();
    }
    const [middle, worst] = [median(shown).toFixed(0), Math.max(...shown).toFixed(0)];
    process.stdout.write(
      `${name}: content after ${middle} ms, worst ${worst} (wanted: under 1000); ${(sent / 1000).toFixed(0)} kB (under 200)\n`,
    );
  }
} finally {
  await browser.close();
  await site.close();
}
