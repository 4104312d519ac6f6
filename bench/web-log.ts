/* A log of a million lines in Chromium: click to first lines, to the end, frames while it is scrolled and followed. */
import type { Page } from "playwright-core";
import { openBrowser, openSignedIn } from "../test/browser/support/browser.ts";
import { CHATTY, openRunSite } from "../test/browser/support/run-site.ts";
import { framesWhile, report } from "./lib/frames.ts";
import { median } from "./lib/statistics.ts";

const MILLION = 1_000_000;
const TIMES = 5;

/** From a click to a line on the screen, in milliseconds, by the clock of the page. */
async function msUntil(page: Page, selector: string, line: string): Promise<number> {
  return await page.evaluate(
    ([click = "", wanted = ""]) =>
      new Promise<number>((done) => {
        const start = performance.now();
        document.querySelector<HTMLElement>(click)?.click();
        const look = (): void => {
          const row = document.querySelector(wanted);
          if (row !== null && (row.textContent ?? "").includes("line"))
            requestAnimationFrame(() => done(performance.now() - start));
          else requestAnimationFrame(look);
        };
        look();
      }),
    [selector, line],
  );
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
    first.push(await msUntil(page, "[role=tab]", "[data-line='6']"));
    await page.waitForTimeout(500);
    end.push(await msUntil(page, "[aria-label='To the end']", `[data-line='${MILLION + 5}']`));
  }
  report("first lines of a million", "ms", median(first), Math.max(...first), 300);
  report("jump to the end of them", "ms", median(end), Math.max(...end), 150);
  await page.evaluate(() => void (document.querySelector("[data-log]")!.scrollTop = 0));
  const scrolled = await framesWhile(page, async () => {
    await page.mouse.move(900, 700);
    for (let step = 0; step < 120; step += 1) {
      await page.mouse.wheel(0, 300);
      await page.waitForTimeout(16);
    }
  });
  report("frames while scrolling", "ms", scrolled.median, scrolled.worst, 50, scrolled.p99);

  const chatty = await site.start("chatty");
  await page.goto(`${site.server.url}/runs/${chatty}`);
  await page.locator("[data-line]").first().waitFor();
  const followed = await framesWhile(page, () =>
    page.locator(`[data-line='${CHATTY.lines}']`).waitFor({ timeout: 60_000 }),
  );
  report(`frames while following ${CHATTY.perSecond} lines/s`, "ms", followed.median, followed.worst, 50, followed.p99);
} finally {
  await browser.close();
  await site.close();
}
