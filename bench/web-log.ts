/* A log of a million lines in Chromium: click to first lines, to the end, frames while it is scrolled and followed. */
import { openBrowser, openSignedIn } from "../test/browser/support/browser.ts";
import { CHATTY, openRunSite } from "../test/browser/support/run-site.ts";
import { framesWhile, msUntil, report } from "./lib/frames.ts";
import { median } from "./lib/statistics.ts";

const MILLION = 1_000_000;
const TIMES = 5;

function hasLine(number: number): string {
  return `document.querySelector("[data-line='${number}']")?.textContent.includes("line")`;
}

const site = await openRunSite();
const browser = await openBrowser();
try {
  const { page } = await openSignedIn(browser, site.server);
  const id = await site.start("log");
  await site.settled(id);
  await site.print(id, "quick", MILLION, (at) => `line ${at} of a log that is a million lines long`);
  const first: number[] = [];
  const end: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    await page.goto(`${site.server.url}/runs/${id}?tab=why`);
    await page.getByRole("tab", { name: "Log" }).waitFor();
    await page.locator("ul code").first().waitFor();
    first.push(await msUntil(page, "[role=tab]", hasLine(6)));
    await page.waitForTimeout(500);
    end.push(await msUntil(page, "[aria-label='To the end']", hasLine(MILLION + 5)));
  }
  report("first lines of a million", median(first), Math.max(...first), 300);
  report("jump to the end of them", median(end), Math.max(...end), 150);
  await page.evaluate("document.querySelector('[data-log]').scrollTop = 0");
  const scrolled = await framesWhile(page, async () => {
    await page.mouse.move(900, 700);
    for (let step = 0; step < 120; step += 1) {
      await page.mouse.wheel(0, 300);
      await page.waitForTimeout(16);
    }
  });
  report("frames while scrolling", scrolled.median, scrolled.worst, 50, scrolled.p99);

  const chatty = await site.start("chatty");
  await page.goto(`${site.server.url}/runs/${chatty}`);
  await page.locator("[data-line]").first().waitFor();
  const followed = await framesWhile(page, () =>
    page.locator(`[data-line='${CHATTY.lines}']`).waitFor({ timeout: 60_000 }),
  );
  report(`frames while following ${CHATTY.perSecond} lines/s`, followed.median, followed.worst, 50, followed.p99);
} finally {
  await browser.close();
  await site.close();
}
