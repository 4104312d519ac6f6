import { systemPrincipal } from "@waybill/access";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { describeWith } from "../support/requires.ts";
import {
  firstView,
  openBrowser,
  openPage,
  openSignedIn,
  openViewer,
  seriousFaults,
  type WatchedPage,
} from "./support/browser.ts";
import { openCuttableProxy } from "./support/cuttable-proxy.ts";
import { openSampleSite, type SampleSite } from "./support/sample-site.ts";

describeWith("chromium", "the web UI in a browser", () => {
  let site: SampleSite;
  let browser: Browser;
  let ada: WatchedPage;

  beforeAll(async () => {
    [site, browser] = await Promise.all([openSampleSite(), openBrowser()]);
    ada = await openSignedIn(browser, site.server);
  });

  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  async function open(path: string): Promise<WatchedPage["page"]> {
    await ada.page.goto(site.server.url + path);
    return ada.page;
  }

  test("a link leads to sign in and, once signed in with a password, back to the page", async () => {
    const { page, context, problems } = await openPage(browser);
    onTestFinished(() => context.close());
    const { users } = site.server.services.access;
    const system = systemPrincipal("test");
    const { id } = await users.create(system, { name: "paula" });
    await users.grant(system, site.projectId, id, "viewer");
    await users.setPassword(system, id, "a long enough password", null, null);
    const run = `/runs/${site.runs["payments"]}?tab=why`;
    await page.goto(site.server.url + run);
    await page.getByLabel("Name", { exact: true }).fill("paula");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("alert").getByText("AUTH_").waitFor();
    await page.getByLabel("Password", { exact: true }).fill("a long enough password");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { name: "payments #2" }).waitFor();
    expect(page.url()).toBe(site.server.url + run);
    expect(problems).toEqual([]);
  });

  test("what is going on: runs in progress, what failed, and every run, each a key away", async () => {
    const page = await open("/");
    await page.getByRole("link", { name: "deploy-window #3" }).first().waitFor();
    const panels = page.locator("section");
    expect(await panels.nth(0).innerText()).toContain("deploy-window");
    expect(await panels.nth(1).innerText()).toMatch(/payments[^]*#2/);
    await page.getByRole("button", { name: "Failed", exact: true }).click();
    await page.waitForURL(/\?status=failed$/);
    await expect.poll(() => page.getByRole("table", { name: "Runs" }).getByRole("row").count()).toBe(3);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\//);
  });

  test("why is it red: the failed job, its first error, reason and remedy, without a click", async () => {
    const page = await open(`/runs/${site.runs["payments"]}`);
    const job = page.getByRole("region", { name: "Job unit-tests" });
    await job.getByText('step "test" exited with code 1').waitFor();
    await page.locator("[data-line='122']").getByText("✗ refund is booked once").waitFor();
    expect(await page.locator("[data-line='122']").isVisible()).toBe(true);
    await page.locator("[data-line='122'] a").click();
    await page.waitForURL(/job=unit-tests&line=122$|line=122&job=unit-tests$/);
  });

  test("a run is watched to its end without asking again, also where the connection was cut meanwhile", async () => {
    const proxy = await openCuttableProxy(site.server.url);
    const { page, context, problems } = await openSignedIn(browser, { ...site.server, url: proxy.url });
    onTestFinished(async () => {
      await context.close();
      await proxy.close();
    });
    const id = site.runs["deploy-window"] ?? "";
    await page.goto(`${proxy.url}/runs/${id}`);
    await page.locator("[data-connection=live]").waitFor();
    await page.getByText("waiting for the window").waitFor();
    proxy.cut();
    await page.locator("[data-connection=lost]").waitFor();
    site.release();
    await site.settled(id);
    proxy.heal();
    await page.getByRole("heading", { name: /success deploy-window/ }).waitFor();
    const jobs = page.getByRole("navigation", { name: "Jobs" });
    await expect.poll(() => jobs.getByText("success").count()).toBe(4);
    // What was printed meanwhile is there, too.
    await jobs.getByRole("button", { name: /migrate/ }).click();
    await page.getByRole("log").getByText("done", { exact: true }).waitFor();
    // The browser's own word for it.
    expect(problems.filter((problem) => !problem.includes("net::ERR_"))).toEqual([]);
  });

  test("a run is started again and another is cancelled, by keyboard alone", async () => {
    const page = await open(`/runs/${site.runs["payments"]}`);
    await page.getByRole("button", { name: "Rerun" }).waitFor();
    await page.keyboard.press("r");
    await page.waitForURL((url) => !url.pathname.includes(site.runs["payments"] ?? "-"));
    await page.getByRole("heading", { name: /failed payments/ }).waitFor();
    const again = page.url().replace(/^.*\/runs\//, "");
    const earlier = { rerun_of: site.runs["payments"] };
    expect(await (await site.server.get(`/v1/pipeline-runs/${again}`)).json()).toMatchObject(earlier);
    await open(`/runs/${await site.start("endless")}`);
    await page.getByRole("heading", { name: /running endless/ }).waitFor();
    await page.keyboard.press("c");
    await page.getByRole("dialog").getByText("1 job that runs gets SIGTERM now").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the run" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /cancelled endless/ }).waitFor();
  });

  test("what somebody may not do is there, and says why", async () => {
    const { page, context, problems } = await openViewer(browser, site.server, site.projectId);
    onTestFinished(() => context.close());
    await page.goto(`${site.server.url}/runs/${site.runs["storefront"]}`);
    const button = page.getByRole("button", { name: "Rerun" });
    await button.focus();
    await page.getByText("This needs the role developer in the project; you are a viewer there.").waitFor();
    await button.click({ force: true });
    expect(page.url()).toContain(site.runs["storefront"]);
    expect(problems).toEqual([]);
  });

  test("the palette finds a run by its number, the help lists the keys", async () => {
    const page = await open("/");
    await page.getByRole("heading", { name: "Activity" }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).getByText("Find anything").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Find anything" }).fill("#1");
    await page.getByRole("option", { name: /storefront/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /storefront/ }).waitFor();
  });

  test("names that are HTML, endless or from right to left are text", async () => {
    const page = await open(`/runs/${site.runs["hostile-names"]}`);
    await page.getByText(`<script>document.title="owned"</script>`).waitFor();
    expect(await page.title()).not.toContain("owned");
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });

  test.each(["light", "dark"] as const)(
    "axe finds nothing serious in the %s theme, on a phone nothing is cut off",
    async (theme) => {
      const { page } = ada;
      await page.emulateMedia({ colorScheme: theme });
      for (const path of [
        "/",
        `/runs/${site.runs["payments"]}`,
        `/runs/${site.runs["payments"]}?tab=why&view=timeline`,
      ]) {
        await open(path);
        await page.locator("[data-row]").first().waitFor();
        await page.setViewportSize({ width: 360, height: 740 });
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
        await page.setViewportSize({ width: 1440, height: 900 });
        expect(await seriousFaults(page)).toEqual([]);
      }
      await page.emulateMedia({ colorScheme: null });
    },
  );

  test("the first view of a page needs less than 200 kB of compressed script and style", async () => {
    const opened = await openSignedIn(browser, site.server);
    onTestFinished(() => opened.context.close());
    for (const path of ["/", `/runs/${site.runs["payments"]}`]) {
      const { bytes } = await firstView(opened, site.server.url + path, "[data-row]");
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(200_000);
    }
  });

  test("nothing of all this was an error of a script, or refused by the content-security policy", () => {
    expect(ada.problems).toEqual([]);
  });
});
