import { systemPrincipal } from "@waybill/access";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import type { TestServer } from "../../../apps/server/src/testing/test-server.ts";
import { signedIn } from "../../../apps/server/src/testing/people.ts";

const TEST = systemPrincipal("test");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Debian's Chromium, headless. As root it has no sandbox of its own; it opens pages of ours alone. */
export async function openBrowser(): Promise<Browser> {
  const { stdout } = spawnSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" });
  return await chromium.launch({ executablePath: stdout.trim(), args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

export type Theme = "light" | "dark";

/** A page, and all that went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts and of the console, among them what the content-security policy refused. */
  readonly problems: readonly string[];
}

/** A window of nobody in particular. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    const { url } = message.location();
    // The browser says so of every answer from 400 on; pages show those themselves.
    if (/Failed to load resource/.test(message.text())) return;
    problems.push(`${message.text()} (${url})`);
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  return { page, context, problems };
}

/** A window of somebody who has signed in through the page, with a one-time link. */
export async function openSignedIn(
  browser: Browser,
  server: TestServer,
  options: BrowserContextOptions = {},
  userName = "ada",
): Promise<WatchedPage> {
  const opened = await openPage(browser, options);
  const { users, signIn } = server.services.access;
  try {
    await users.create(TEST, { name: userName, isServerAdmin: true });
  } catch {
    // From an earlier window.
  }
  const { token } = await signIn.issueLink(TEST, userName);
  await opened.page.goto(`${server.url}/sign-in#${token}`);
  await opened.page.getByRole("button", { name: "Sign in with the link" }).click();
  await opened.page.getByRole("heading", { name: "Activity" }).waitFor();
  return opened;
}

/** As a viewer of a project, who may change nothing. */
export async function openViewer(browser: Browser, server: TestServer, projectId: string): Promise<WatchedPage> {
  const opened = await openPage(browser);
  const { cookie } = await signedIn(server, "vera", { [projectId]: "viewer" });
  const [name = "", value = ""] = cookie.split("=");
  await opened.context.addCookies([{ name, value, url: server.url }]);
  return opened;
}

export interface FirstView {
  /** Of scripts and styles, as they were sent, without headers. */
  readonly bytes: number;
  /** From the beginning of the way there until something of the page was seen, in milliseconds. */
  readonly shownMs: number;
}

/** Opens a page with an empty cache. @param until a selector of what the page is there for */
export async function firstView({ page, context }: WatchedPage, url: string, until: string): Promise<FirstView> {
  let bytes = 0;
  /** Bytes of headers by request: they are no script. */
  const assets = new Map<string, number>();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  session.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.url.includes("/assets/")) assets.set(requestId, response.encodedDataLength);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const headers = assets.get(requestId);
    if (headers !== undefined) bytes += encodedDataLength - headers;
  });
  const start = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.locator(until).first().waitFor();
  const shownMs = performance.now() - start;
  // What comes behind the first content belongs to the view as well.
  await page.waitForTimeout(500);
  await session.detach();
  return { bytes, shownMs };
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe-core finds that is serious, or worse. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const { violations } = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResult;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary = "" }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
}
