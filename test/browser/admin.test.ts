import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { describeWith } from "../support/requires.ts";
import { openAdminSite, SECRET_VALUE, type AdminSite } from "./support/admin-site.ts";
import { openBrowser, openPage, openSignedIn, openViewer, seriousFaults, type WatchedPage } from "./support/browser.ts";

describeWith("chromium", "the pages of who may do what", () => {
  let site: AdminSite;
  let browser: Browser;
  let ada: WatchedPage;

  beforeAll(async () => {
    [site, browser] = await Promise.all([openAdminSite(), openBrowser()]);
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

  async function read(path: string): Promise<unknown> {
    return await (await site.server.get(path)).json();
  }

  test("what waits for me is approved with a comment by mouse, and what happens then is said before", async () => {
    const page = await open("/approvals");
    const first = page.getByRole("region", { name: "Waits for you" }).locator("[data-approval]").first();
    const id = await first.getAttribute("data-approval");
    await first.getByRole("button", { name: "Approve" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("The job ship begins as soon as there is room for it").waitFor();
    await dialog.getByLabel("Comment").fill("after the meeting");
    await dialog.getByRole("button", { name: "Approve", exact: true }).click();
    const decided = page.getByRole("region", { name: "Decided just now" });
    await decided.getByText("after the meeting").waitFor();
    expect(await decided.innerText()).toMatch(/approved[^]*by ada/);
    expect(await read(`/v1/approvals/${id}`)).toMatchObject({
      status: "approved",
      decisions: [{ actor: "user:ada", comment: "after the meeting" }],
    });
  });

  test("another is rejected by keyboard alone", async () => {
    const page = await open("/approvals");
    await page.getByRole("button", { name: "Reject" }).first().waitFor();
    const id = await page.locator("[data-approval]").first().getAttribute("data-approval");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByRole("dialog").getByText("One rejection is enough, and it is final.").waitFor();
    await page.keyboard.type("not on a Friday");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("region", { name: "Decided just now" }).getByText("not on a Friday").waitFor();
    expect(await read(`/v1/approvals/${id}`)).toMatchObject({
      status: "rejected",
      decisions: [{ comment: "not on a Friday" }],
    });
  });

  test("a viewer sees all that could be done, and why they may not", async () => {
    const { page, context, problems } = await openViewer(browser, site.server, site.projectId);
    onTestFinished(() => context.close());
    const isOff = async (path: string, name: string, reason: string): Promise<void> => {
      await page.goto(site.server.url + path);
      const button = page.getByRole("button", { name, exact: true }).first();
      await button.waitFor();
      expect(await button.getAttribute("aria-disabled")).toBe("true");
      await button.focus();
      await page.getByText(reason).first().waitFor();
    };
    await isOff("/approvals", "Approve", "This needs the role approver in the project; you are a viewer there.");
    await isOff("/environments", "New environment", "This needs the role admin in the project");
    await isOff("/settings/people", "Give a role", "This needs the role admin in the project");
    await isOff("/settings/server", "Look again", "Only an administrator of the server may do this.");
    await isOff(`/artifacts/${site.artifactId}`, "Verify", "This needs the role developer in the project");
    await page.goto(`${site.server.url}/settings/secrets`);
    await page.getByText("This needs the role developer in the project").waitFor();
    await page.goto(`${site.server.url}/settings/audit`);
    await page.getByText("The audit log is for those who administer").waitFor();
    expect(problems).toEqual([]);
  });

  test("a secret goes in, is rotated, and never comes back", async () => {
    const page = await open("/settings/secrets");
    const answers: Promise<string>[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/v1/")) answers.push(response.text().catch(() => ""));
    });
    const value = "another-value-that-nobody-sees";
    await page.getByRole("button", { name: "New secret" }).click();
    await page.getByLabel("Name", { exact: true }).fill("NPM_TOKEN");
    await page.getByLabel("Environment", { exact: true }).fill("staging");
    await page.getByLabel("Value").fill(value);
    await page.getByRole("button", { name: "Keep the secret" }).click();
    const row = page.getByRole("row", { name: /NPM_TOKEN/ });
    await row.getByText("staging").waitFor();
    await row.getByRole("button", { name: "Rotate NPM_TOKEN" }).click();
    expect(await page.getByLabel("Value").inputValue()).toBe("");
    expect(page.url()).toContain("edit=NPM_TOKEN");
    await page.getByLabel("Value").fill(`${value} again`);
    await page.getByRole("button", { name: "Replace the value" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.reload();
    await row.waitFor();
    // What somebody else does meanwhile shows by itself.
    await page.locator("[data-connection=live]").waitFor();
    const secrets = `/v1/projects/${site.projectId}/secrets`;
    await site.server.send("PUT", `${secrets}/OF_SOMEBODY_ELSE`, { value: SECRET_VALUE });
    await page.getByRole("row", { name: /OF_SOMEBODY_ELSE/ }).waitFor();
    const told = [await page.content(), page.url(), ...(await Promise.all(answers))].join("\n");
    expect(told).not.toContain(value);
    expect(told).not.toContain(SECRET_VALUE);
    await row.getByRole("button", { name: "Forget NPM_TOKEN" }).click();
    await page.getByRole("button", { name: "Forget the secret" }).click();
    await row.waitFor({ state: "detached" });
  });

  test("an environment is made from its rules, and deleting it names what follows", async () => {
    const page = await open("/environments");
    await page.getByRole("button", { name: "New environment" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("canary");
    await dialog.getByLabel("Branches that may use it").fill("main\nrelease/*");
    await dialog.getByLabel("How many people").fill("2");
    await dialog
      .getByText("waybill environments create shop canary --branch main --branch 'release/*' --approvals 2")
      .waitFor();
    await dialog.getByRole("button", { name: "Make the environment" }).click();
    const card = page.getByRole("region", { name: "canary" });
    await card.getByText("2 people for each job").waitFor();
    const production = page.getByRole("region", { name: "production" });
    await production.getByText("1 job waiting for approval").waitFor();
    await production.getByRole("button", { name: "Delete production" }).click();
    await dialog.getByText("1 job that waits for its approval is refused.").waitFor();
    await page.keyboard.press("Escape");
    await card.getByRole("button", { name: "Delete canary" }).click();
    await dialog.getByRole("button", { name: "Delete the environment" }).click();
    await card.waitFor({ state: "detached" });
  });

  test("a user is made, gets a link that is shown once, and signs in with it", async () => {
    const page = await open("/settings/people?tab=users");
    await page.getByRole("button", { name: "New user" }).click();
    await page.getByLabel("Name", { exact: true }).fill("grace");
    await page.getByRole("button", { name: "Make the user and a link" }).click();
    const dialog = page.getByRole("dialog", { name: "Link for grace" });
    const link = await dialog.getByRole("region", { name: "The link" }).innerText();
    // A slip of a key does not lose it.
    await page.keyboard.press("Escape");
    await dialog.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("row", { name: /grace/ }).waitFor();
    expect(await page.content()).not.toContain(link);
    const other = await openPage(browser);
    onTestFinished(() => other.context.close());
    await other.page.goto(link);
    await other.page.getByRole("button", { name: "Sign in with the link" }).click();
    await other.page.getByRole("heading", { name: "Activity" }).waitFor();
    await page.goto(`${site.server.url}/settings/people?tab=roles&new=1`);
    await page.getByLabel("User", { exact: true }).fill("grace");
    await page.getByRole("dialog").getByLabel("Role").selectOption("approver");
    await page.getByRole("dialog").getByRole("button", { name: "Give the role" }).click();
    await page.getByLabel("Role of grace").selectOption("developer");
    await expect
      .poll(() => read(`/v1/projects/${site.projectId}/members`))
      .toMatchObject({
        items: expect.arrayContaining([expect.objectContaining({ user: "grace", role: "developer" })]),
      });
  });

  test("a token is shown once, works, and is worth nothing once it is revoked", async () => {
    const page = await open("/settings/profile");
    await page.getByRole("button", { name: "New token" }).click();
    await page.getByLabel("Name", { exact: true }).fill("laptop");
    await page.getByRole("button", { name: "Make the token" }).click();
    const text = await page.getByRole("region", { name: "The token" }).innerText();
    const laptop = site.server.as({ authorization: `Bearer ${text}` });
    expect((await laptop.get("/v1/projects")).status).toBe(200);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.reload();
    const row = page.getByRole("row", { name: /laptop/ });
    await row.waitFor();
    expect(await page.content()).not.toContain(text);
    await row.getByRole("button", { name: "Revoke laptop" }).click();
    await page.getByRole("button", { name: "Revoke the token" }).click();
    await row.waitFor({ state: "detached" });
    expect((await laptop.get("/v1/projects")).status).toBe(401);
  });

  test("the audit log is filtered, opened, verified, and compared with an entry kept elsewhere", async () => {
    const page = await open("/settings/audit?action=approval_granted");
    const table = page.getByRole("table", { name: "Audit log" });
    await table.getByText("approval granted").waitFor();
    expect(await table.getByRole("row").count()).toBe(2);
    await table.getByRole("button", { name: "approval granted" }).click();
    await page.getByRole("dialog").getByText("APPROVAL_GRANTED").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("intact").waitFor();
    await page.getByText("Compare with an entry that was kept elsewhere").click();
    await page.getByLabel("Its number").fill("1");
    await page.getByLabel("Its hash").fill("0".repeat(64));
    await page.getByRole("button", { name: "Compare" }).click();
    await page.getByText("Entry 1 is not as it was written.").waitFor();
  });

  test("an artifact is browsed, fetched and verified; its hostile names are text", async () => {
    const page = await open("/artifacts?name=PACK");
    await page.getByRole("link", { name: "package" }).first().click();
    const files = page.getByRole("table", { name: "Files" });
    await files.getByText("<img src=x onerror=alert(1)>").waitFor();
    await page.getByLabel("Path begins with").fill("dist/assets/");
    await page.keyboard.press("Enter");
    await page.waitForURL(/prefix=dist/);
    await expect.poll(() => files.getByRole("row").count()).toBe(2);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      files.getByRole("link", { name: "dist/assets/app.js" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("app.js");
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("as it was kept", { exact: true }).waitFor();
    await page.goto(`${site.server.url}/artifacts?view=storage`);
    await page.getByRole("table", { name: "Storage by project" }).getByText("shop").waitFor();
  });

  test("whose session ended is told so, and led back to where they were", async () => {
    const { page, context } = await openSignedIn(browser, site.server);
    onTestFinished(() => context.close());
    await page.goto(`${site.server.url}/settings/server`);
    await page.getByRole("heading", { name: "Executors" }).waitFor();
    await context.clearCookies();
    await page.getByRole("button", { name: "Look again" }).click();
    await page.getByText("Your session has ended.").waitFor();
    expect(new URL(page.url()).searchParams.get("return_to")).toBe("/settings/server");
    await page.goto(`${site.server.url}/sign-in?problem=OIDC_REFUSED&request_id=abc-1`);
    await page.getByRole("alert").getByText("The sign-in through your organisation failed").waitFor();
    await page.getByRole("alert").getByText("abc-1").waitFor();
  });

  test.each(["light", "dark"] as const)(
    "axe finds nothing serious in the %s theme, a phone shows all",
    async (theme) => {
      const { page } = ada;
      await page.emulateMedia({ colorScheme: theme });
      for (const [path, until] of [
        ["/approvals", "[data-approval]"],
        ["/artifacts", "[data-row]"],
        ["/artifacts?view=storage", "table"],
        [`/artifacts/${site.artifactId}`, "[data-row]"],
        ["/environments", "dl"],
        ["/environments?edit=production", "[role=dialog]"],
        ["/settings/secrets", "[data-row]"],
        ["/settings/people", "table, [class*=empty]"],
        ["/settings/people?tab=users", "[data-row]"],
        ["/settings/people?tab=machines&new=1", "[role=dialog]"],
        ["/settings/audit", "[data-row]"],
        ["/settings/server", "dl"],
        ["/settings/profile", "table"],
      ] as const) {
        await open(path);
        await page.locator(until).first().waitFor();
        await page.setViewportSize({ width: 360, height: 740 });
        expect([path, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([path, 360]);
        await page.setViewportSize({ width: 1440, height: 900 });
        expect([path, ...(await seriousFaults(page))]).toEqual([path]);
      }
      await page.emulateMedia({ colorScheme: null });
    },
  );

  test("nothing of all this was an error of a script, or refused by the content-security policy", () => {
    expect(ada.problems).toEqual([]);
  });
});
