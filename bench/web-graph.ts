/* The graph of 500 jobs in Chromium: from the click that shows it to its frame, layout alone, frames while it is moved. */
import { layoutGraph } from "../apps/web/src/graph/layout-graph.ts";
import { openBrowser, openSignedIn } from "../test/browser/support/browser.ts";
import { GRAPH_JOBS, openRunSite } from "../test/browser/support/run-site.ts";
import { framesWhile, msUntil, report } from "./lib/frames.ts";
import { median } from "./lib/statistics.ts";

const TIMES = 7;
/** The graph of all jobs, with the cards that are in sight. */
const isDrawn = `document.querySelectorAll("[data-graph='${GRAPH_JOBS}'] button").length > 20`;

const site = await openRunSite();
const browser = await openBrowser();
try {
  const { page } = await openSignedIn(browser, site.server);
  const id = await site.start("graph");
  const answer = await site.server.get(`/v1/pipeline-runs/${id}/jobs`);
  const { items } = (await answer.json()) as { items: { name: string; depends_on: string[] }[] };
  const edges = items.flatMap(({ name, depends_on }) => depends_on.map((from) => ({ from, to: name })));
  const layouts = Array.from({ length: TIMES }, () => {
    const start = performance.now();
    const nodes = items.map(({ name }) => name);
    layoutGraph({ nodes, edges }, { width: 176, height: 44, gapX: 44, gapY: 10 });
    return performance.now() - start;
  });
  report(`layout of ${GRAPH_JOBS} jobs and ${edges.length} edges alone`, median(layouts), Math.max(...layouts), 500);
  const drawn: number[] = [];
  await page.goto(`${site.server.url}/runs/${id}?view=none`);
  await page.getByRole("button", { name: "Graph", exact: true }).waitFor();
  for (let time = 0; time < TIMES; time += 1) {
    drawn.push(await msUntil(page, "[aria-label=View] button", isDrawn));
    await page.getByRole("button", { name: "Graph", exact: true }).click();
  }
  report("click to drawn", median(drawn), Math.max(...drawn), 500);
  await page.getByRole("button", { name: "Graph", exact: true }).click();
  const frame = page.locator("[data-graph]");
  const { x = 0, y = 0 } = (await frame.boundingBox()) ?? {};
  const moved = await framesWhile(page, async () => {
    for (let drag = 0; drag < 4; drag += 1) {
      await page.mouse.move(x + 900, y + 200);
      await page.mouse.down();
      await page.mouse.move(x + 100, y + 40, { steps: 40 });
      await page.mouse.up();
    }
  });
  report("frames while it is moved", moved.median, moved.worst, 50, moved.p99);
} finally {
  await browser.close();
  await site.close();
}
