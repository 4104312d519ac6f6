import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../support/requires.ts";
import { openBrowser, openSignedIn, seriousFaults, type WatchedPage } from "./support/browser.ts";
import { CHATTY, GRAPH_JOBS, openRunSite, type RunSite } from "./support/run-site.ts";

const MILLION = 1_000_000;

describeWith("chromium", "a run in a browser", () => {
  let site: RunSite;
  let browser: Browser;
  let ada: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    [site, browser] = await Promise.all([openRunSite(), openBrowser()]);
    ada = await openSignedIn(browser, site.server);
    ({ page } = ada);
  });

  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  async function open(path: string): Promise<void> {
    await page.goto(site.server.url + path);
  }

  function line(number: number): ReturnType<Page["locator"]> {
    return page.locator(`[data-line='${number}']`);
  }

  test("what a push starts appears by itself, and is watched to its end", async () => {
    await open("/");
    await page.locator("[data-connection=live]").waitFor();
    await site.push();
    await page.getByRole("link", { name: "pushed #1" }).first().click();
    await page.getByRole("log").getByText("hello", { exact: true }).waitFor();
    await page.getByRole("heading", { name: /success pushed/ }).waitFor();
  });

  test("a graph of 500 jobs is drawn, and the run cancelled by mouse, once its effect was named", async () => {
    const id = await site.start("graph");
    await open(`/runs/${id}`);
    const graph = page.locator(`[data-graph='${GRAPH_JOBS}']`);
    await graph.getByRole("button", { name: /start/ }).waitFor();
    // Only what is in sight is drawn; what is selected comes into sight.
    expect(await graph.getByRole("button").count()).toBeLessThan(GRAPH_JOBS / 2);
    await page
      .getByRole("navigation", { name: "Jobs" })
      .getByRole("button", { name: /job499/ })
      .click();
    await graph.getByRole("button", { name: /job499/, pressed: true }).waitFor();
    await graph
      .getByRole("button", { name: /job4[5-9]\d/, pressed: false })
      .first()
      .click();
    await page.waitForURL(/job=job4(?!99)/);
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("1 job that runs gets SIGTERM now").waitFor();
    await dialog.getByText(`${GRAPH_JOBS - 1} jobs will not begin`).waitFor();
    await dialog.getByRole("button", { name: "Cancel the run" }).click();
    await page.getByRole("heading", { name: /cancelled graph/ }).waitFor();
  });

  test("a log of a million lines is opened, searched, linked and scrolled to any place", async () => {
    const id = await site.start("log");
    await site.settled(id);
    await site.print(id, "quick", MILLION, (at) =>
      at === 700_000 ? "error: one of a million" : at % 250_000 === 1 ? `line ${at} has a needle` : `line ${at}`,
    );
    await open(`/runs/${id}?job=quick`);
    await line(1).waitFor();
    await page.locator("[data-total='1000005']").waitFor();
    await line(5).getByText("whole", { exact: true }).waitFor();
    // Folded, lines of a group are gone; what stands behind them is there.
    await line(1).getByRole("button", { name: "Install" }).click();
    await expect.poll(() => line(2).count()).toBe(0);
    expect(await line(4).isVisible()).toBe(true);

    await page.getByLabel("Go to line").fill("654321");
    await page.keyboard.press("Enter");
    await line(654_321).getByText("line 654315").waitFor();
    await page.waitForURL(/line=654321/);

    await page.getByRole("log").focus();
    await page.keyboard.press("/");
    await page.keyboard.type("NEEDLE");
    await page.locator("[data-found='4']").waitFor();
    await page.getByText("4 lines").waitFor();
    await page.keyboard.press("Enter");
    await line(750_007).locator("mark").waitFor();
    await page.keyboard.press("Shift+Enter");
    await line(500_007).locator("mark").waitFor();
    expect(await page.locator("[data-marks=match]").getAttribute("d")).toMatch(/^(?:M[^M]+){4}$/);

    await page.getByRole("button", { name: "1 error" }).click();
    await line(700_006).getByText("error: one of a million").waitFor();
    await line(700_006).getByRole("link").click();
    await line(700_006).getByRole("link").click();
    await line(700_009)
      .getByRole("link")
      .click({ modifiers: ["Shift"] });
    await page.waitForURL(/line=700006-700009/);
    await page.reload();
    await line(700_009).waitFor();
    expect(await line(700_006).getAttribute("class")).toContain("selected");

    const bar = `document.querySelector("[data-log]")`;
    const scrollTo = (part: number): Promise<unknown> =>
      page.evaluate(`${bar}.scrollTop = (${bar}.scrollHeight - ${bar}.clientHeight) * ${part}`);
    await scrollTo(0.5);
    await page
      .getByText(/^line 50\d{4}$|^line 49\d{4}$/)
      .first()
      .waitFor();
    await scrollTo(1);
    await line(MILLION + 5).waitFor();
    await page.mouse.move(900, 700);
    await page.mouse.wheel(0, -1_800);
    await line(MILLION - 90).waitFor();
    await page.getByRole("button", { name: "To the end" }).click();
    expect(await line(MILLION + 5).isVisible()).toBe(true);
    await page.getByRole("button", { name: "Wrap" }).click();
    await line(MILLION + 5).waitFor();
  });

  test("what is printed 5,000 times a second is followed to the last line, until somebody looks elsewhere", async () => {
    const id = await site.start("chatty");
    await open(`/runs/${id}`);
    await page.getByRole("button", { name: "Follow", pressed: true }).waitFor();
    await line(CHATTY.lines).getByText(`line ${CHATTY.lines} of`).waitFor();
    expect(await line(CHATTY.lines).isVisible()).toBe(true);
    await page.getByRole("heading", { name: /success chatty/ }).waitFor();
    // It is the same log still, at the same place.
    expect(await line(CHATTY.lines).isVisible()).toBe(true);
  });

  test("a run is started again with other values, and says what it was given", async () => {
    const id = await site.start("hostile");
    await site.settled(id);
    await open(`/runs/${id}`);
    await page.getByRole("button", { name: "Rerun" }).click();
    await page.getByRole("menuitem", { name: "With other values" }).click();
    await page.getByLabel("Variable", { exact: true }).first().fill("LEVEL");
    await page.getByLabel("Value", { exact: true }).first().fill("it's <b>");
    await page
      .getByRole("dialog")
      .getByText(/waybill rerun \d+ --var 'LEVEL=/)
      .waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Rerun", exact: true }).click();
    await page.waitForURL((url) => url.pathname.startsWith("/runs/") && !url.pathname.includes(id));
    await page.getByRole("heading", { name: /success hostile/ }).waitFor();
    await page.getByRole("button", { name: "Environment" }).click();
    const row = page.getByRole("row").filter({ hasText: "LEVEL" });
    expect(await row.innerText()).toMatch(/it's <b>[^]*given to this run/);
  });

  test("variables, outputs, files and lines that are HTML, empty, endless or from right to left are text", async () => {
    const id = await site.start("hostile");
    await site.settled(id);
    const markup = `<img src=x onerror="document.title='owned'">`;
    await open(`/runs/${id}?tab=results&view=environment`);
    await page.getByRole("table").getByText(markup).waitFor();
    await page.getByRole("region", { name: "Job strange" }).getByText(markup).first().waitFor();
    await page.getByRole("button", { name: "files" }).click();
    await page.getByRole("link", { name: markup }).waitFor();
    await open(`/runs/${id}?view=artifacts&find=${encodeURIComponent(markup)}`);
    await page.locator("[data-found='1']").waitFor();
    await page.locator("mark").getByText(markup).waitFor();
    await page.getByRole("button", { name: /more characters/ }).waitFor();
    await page.getByRole("button", { name: "files" }).click();
    await page.getByRole("link", { name: markup }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    for (const view of ["Trigger", "Environment", "Time line"]) {
      await page.getByRole("button", { name: view, exact: true }).click();
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await page.title()).not.toContain("owned");
    expect(await page.locator("img").count()).toBe(0);
  });

  test("nothing of all this was an error of a script, or refused by the content-security policy", () => {
    expect(ada.problems).toEqual([]);
  });
});
