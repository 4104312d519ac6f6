import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  openTestServer,
  testRepository,
  type TestRepository,
  type TestServer,
} from "../../apps/server/src/testing/test-server.ts";
import { buildWeb } from "../../script/lib/build-web.ts";
import { describeWith } from "../support/requires.ts";
import { repositoryRoot } from "../support/repository.ts";
import {
  firstView,
  openBrowser,
  openSignedIn,
  openViewer,
  seriousFaults,
  type WatchedPage,
} from "./support/browser.ts";

const PIPELINE = `name: shop
inputs:
  version: { description: What is released, required: true }
  stage: { type: choice, options: [staging, production], default: staging }
  replicas: { type: number, default: 2 }
triggers: [{ event: push }]
schedule: [{ cron: "30 4 * * 1-5", timezone: Europe/Vienna }]
jobs:
  build:
    steps: [{ name: make, script: ["true"] }]
  test:
    depends_on: [build]
    if: inputs.stage == 'staging'
    steps: [{ name: test, script: ["true"] }]
`;
const EASY = PIPELINE.replace("required: true", "default: '1'");
const BROKEN = `name: docs
jobs:
  check: { depends_on: [biuld], steps: [{ name: l, script: ["true"] }] }
`;
const HOSTILE = `<img src=x onerror="document.title='owned'">`;

describeWith("chromium", "projects and pipelines in a browser", () => {
  let root: string;
  let server: TestServer;
  let repository: TestRepository;
  let browser: Browser;
  let ada: WatchedPage;
  let page: Page;
  let pipeline: string;

  beforeAll(async () => {
    await buildWeb(repositoryRoot);
    root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-projects-")));
    mkdirSync(join(root, "data"));
    repository = testRepository(root);
    repository.push({ "waybill.yaml": PIPELINE, "docs/waybill.yaml": BROKEN });
    [server, browser] = await Promise.all([openTestServer(join(root, "data")), openBrowser()]);
    ada = await openSignedIn(browser, server);
    page = ada.page;
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  async function open(path: string): Promise<void> {
    await page.goto(server.url + path);
  }

  async function push(text: string): Promise<void> {
    const old = repository.git("rev-parse", "HEAD");
    const updates = [{ old, new: repository.push({ "waybill.yaml": text }), ref: "refs/heads/main" }];
    const answer = await server.post("/webhooks/git", { repository: repository.url, updates });
    expect(answer.status).toBeLessThan(300);
  }

  test("a server without anything says what fills it", async () => {
    await page.getByText("There is no run yet that you may see").waitFor();
    expect(await page.getByRole("region", { name: "the commands" }).innerText()).toContain("waybill connect");
    await page.getByRole("link", { name: "Connect a repository" }).click();
    await page.waitForURL(/\/projects\/new$/);
  });

  test("a project is made of what an address has, and its hook turns green with the first push", async () => {
    await page.getByLabel("Address").fill(`file://${root}/nowhere.git`);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("GIT_").waitFor();
    await page.getByLabel("Address").fill(repository.url);
    await page.getByRole("button", { name: "Look" }).click();
    await page.getByText("reachable").waitFor();
    await page.getByRole("radio", { name: /docs/ }).check();
    await page.getByText("line 3, column").waitFor();
    await page.getByRole("radio", { name: /^waybill\.yaml/ }).check();
    expect(await page.getByLabel("Pipeline", { exact: true }).inputValue()).toBe("shop");
    await page.getByRole("button", { name: "Create project" }).click();
    await page.waitForURL(/\/pipelines\/.*tab=hook/);
    pipeline = /pipelines\/([\w-]+)/.exec(page.url())?.[1] ?? "";
    await page.locator("[data-hook=waiting]").waitFor();
    await page.getByRole("button", { name: "Make a token" }).click();
    expect(await page.getByRole("region", { name: "the token" }).innerText()).toMatch(/^\S{30,}$/);
    await page.getByRole("button", { name: "GitHub" }).click();
    await page.getByRole("button", { name: "Make a secret" }).click();
    await page.getByRole("region", { name: "the secret" }).waitFor();
    await push(EASY);
    await page.locator("[data-hook=heard]").getByRole("link", { name: "Run #1" }).waitFor();
  });

  test("a run is started by a form of the pipeline's inputs", async () => {
    await push(PIPELINE);
    await open(`/pipelines/${pipeline}`);
    await page.getByRole("tab", { name: "Runs" }).waitFor();
    await page.keyboard.press("s");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("version (required)").waitFor();
    await dialog.getByRole("button", { name: "Start" }).click();
    await dialog.getByText("It needs a value.").waitFor();
    await dialog.getByLabel("version (required)").fill("1.4.2");
    await dialog.getByLabel("stage").selectOption("production");
    await dialog.getByLabel("replicas").fill("3");
    await dialog.getByText("waybill trigger shop/shop --input version=1.4.2 --input stage=production").waitFor();
    await dialog.getByRole("button", { name: "Start" }).click();
    await page.waitForURL(/\/runs\//);
    const id = page.url().replace(/^.*\/runs\//, "");
    const run = (await (await server.get(`/v1/pipeline-runs/${id}`)).json()) as Record<string, unknown>;
    expect(run["inputs"]).toEqual({ "inputs.version": "1.4.2", "inputs.stage": "production", "inputs.replicas": 3 });
    await page.getByRole("heading", { name: /success shop/ }).waitFor();
  });

  test("how a pipeline does: charts with what they are made of, a table behind them, its runs by filters", async () => {
    await open(`/pipelines/${pipeline}`);
    const chart = page.locator("[data-chart='Success rate']");
    await chart.getByRole("img").focus();
    await page.keyboard.press("End");
    await chart
      .getByText(/\d of \d that succeeded or failed/)
      .nth(1)
      .waitFor();
    await chart.getByRole("button", { name: "as a table" }).click();
    expect(await chart.getByRole("row").count()).toBe(31);
    const runs = page.getByRole("table", { name: "Runs" });
    await expect.poll(() => runs.getByRole("row").count()).toBeGreaterThan(2);
    await page.getByLabel("Started by").selectOption("manual");
    await page.waitForURL(/trigger=manual/);
    await expect.poll(() => runs.getByRole("row").count()).toBe(2);
    await page.getByLabel("Branch", { exact: true }).fill("elsewhere");
    await page.keyboard.press("Enter");
    await page.getByText("No run matches these filters").waitFor();
  });

  test("a pipeline file is shown beside its graph, what starts it, and its problems where they are", async () => {
    await open(`/pipelines/${pipeline}?tab=definition`);
    await page.getByText("30 4 * * 1-5", { exact: true }).waitFor();
    await page.getByRole("button", { name: /^test/ }).click();
    expect(await page.getByRole("button", { name: /^test/ }).innerText()).toContain("if inputs.stage == 'staging'");
    repository.push({ "waybill.yaml": `${BROKEN}# ${HOSTILE}\n` });
    await page.getByRole("button", { name: "Fetch again" }).click();
    const file = page.getByRole("region", { name: "The pipeline file" });
    await file.getByText("line 3, column").waitFor();
    await file.getByText(HOSTILE).waitFor();
    expect(await page.title()).toBe("shop · Waybill");
  });

  test("the palette finds projects, pipelines and commits, and what was opened before comes first", async () => {
    const { items } = (await (await server.get("/v1/pipeline-runs")).json()) as { items: { git_sha: string }[] };
    const sha = items.at(-1)?.git_sha.slice(0, 10) ?? "";
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Find anything" }).fill(sha);
    await page.getByRole("option", { name: /Commit/ }).waitFor();
    await page.getByRole("combobox", { name: "Find anything" }).fill("sho");
    await page.getByRole("option", { name: /Project$/ }).click();
    await page.waitForURL(/\/projects\//);
    await page.keyboard.press("Control+k");
    await page.getByRole("option").first().getByText("Project", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
  });

  test("a project is renamed, gets a member, and says why it cannot be removed yet", async () => {
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("web shop");
    await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
    await page.getByRole("heading", { name: "web shop" }).waitFor();
    await page.getByLabel("Add a user").fill("ada");
    await page.getByLabel("as", { exact: true }).selectOption("approver");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByLabel("Role of ada", { exact: true }).waitFor();
    expect(await page.getByLabel("Role of ada", { exact: true }).inputValue()).toBe("approver");
    await page.getByRole("button", { name: "Remove", exact: true }).hover();
    await page.getByText("It has 1 pipeline: a project is removed once it has none.").waitFor();
    await page.getByRole("button", { name: "Take the role of ada away" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Take it away" }).click();
    await page.getByText("Nobody has a role here").waitFor();
  });

  test("what a viewer may not do is there, and says why", async () => {
    const { items } = (await (await server.get("/v1/projects")).json()) as { items: { id: string }[] };
    const viewer = await openViewer(browser, server, items[0]?.id ?? "");
    onTestFinished(() => viewer.context.close());
    await viewer.page.goto(`${server.url}/pipelines/${pipeline}?tab=hook`);
    await viewer.page.getByText("This needs the role admin in the project; you are a viewer there.").waitFor();
    await viewer.page.getByRole("button", { name: "Start a run" }).focus();
    await viewer.page.getByText("This needs the role developer in the project").waitFor();
    expect(viewer.problems).toEqual([]);
  });

  test.each(["light", "dark"] as const)(
    "axe finds nothing serious in the %s theme; nothing is cut off on a phone or at twice the size",
    async (theme) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      const paths = [
        ["/projects", "[data-row]"],
        [`/projects/new?url=${encodeURIComponent(repository.url)}`, "form"],
        [`/pipelines/${pipeline}`, "[data-chart]"],
        [`/pipelines/${pipeline}?tab=definition`, "[data-file-line]"],
        [`/pipelines/${pipeline}?tab=hook`, "[data-hook]"],
        [`/pipelines/${pipeline}?tab=settings`, "form"],
      ] as const;
      for (const [path, until] of paths) {
        await open(path);
        await page.locator(until).first().waitFor();
        // A window of 1440 pixels at twice the size has room for 720.
        for (const width of [360, 720]) {
          await page.setViewportSize({ width, height: 740 });
          expect([path, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([path, width]);
        }
        await page.setViewportSize({ width: 1440, height: 900 });
        expect(await seriousFaults(page)).toEqual([]);
        const moving = "document.getAnimations().filter((each) => each.effect.getTiming().duration > 0).length";
        expect(await page.evaluate(moving)).toBe(0);
      }
      await page.emulateMedia({ colorScheme: null, reducedMotion: null });
    },
  );

  test("the first view of a page needs less than 200 kB of compressed script and style", async () => {
    for (const path of ["/projects", `/pipelines/${pipeline}`]) {
      const { bytes } = await firstView(ada, server.url + path, path === "/projects" ? "[data-row]" : "[data-chart]");
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(200_000);
    }
  });

  test("nothing of all this was an error of a script, or refused by the content-security policy", () => {
    expect(ada.problems).toEqual([]);
  });
});
