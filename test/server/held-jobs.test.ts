import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PostgresDatabase } from "../support/postgres-database.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { program, runCommand, waybill, type CommandResult } from "../support/waybill.ts";
import { pushedRepository } from "./support/pushed-repository.ts";
import { postJson, startServer, type ServerProcess } from "./support/server-process.ts";

const PIPELINE = (root: string): string => `
name: shop
jobs:
  build: { steps: [{ name: make, script: ["echo build >>${root}/ran/\${N:-0}"] }] }
  ship:
    depends_on: [build]
    deploys_to: production
    steps: [{ name: go, script: ["echo ship >>${root}/ran/\${N:-0}", "sleep 0.2"] }]
`;

interface Person {
  readonly run: (server: ServerProcess, ...args: readonly string[]) => Promise<CommandResult>;
}

/** The administrator, with a token of its own: no machine approves. */
async function administrator(root: string, data: string, database: string, { url }: ServerProcess): Promise<Person> {
  const command = ["--", program, "server", "--data", data, "--database", database];
  const link = await runCommand(process.execPath, [...command, "--public-url", url, "sign-in-link"], { cwd: root });
  const token = link.stdout.trim().split("#")[1] ?? "";
  const headers = { "content-type": "application/json" };
  const signedIn = await fetch(`${url}/v1/sign-in/link`, { method: "POST", headers, body: JSON.stringify({ token }) });
  const cookie = (signedIn.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  const me = (await (await fetch(`${url}/v1/me`, { headers: { cookie } })).json()) as { readonly csrf_token: string };
  const permissions = [
    ...["projects:read", "pipelines:read", "runs:read", "environments:read"],
    ...["environments:write", "approvals:decide"],
  ];
  const made = await fetch(`${url}/v1/tokens`, {
    method: "POST",
    headers: { ...headers, cookie, "x-csrf-token": me.csrf_token },
    body: JSON.stringify({ name: "of a test", permissions }),
  });
  const { text } = (await made.json()) as { readonly text: string };
  const environment = { XDG_CONFIG_HOME: join(root, "config"), WAYBILL_TOKEN: text };
  return {
    run: (server, ...args) => waybill(args, { cwd: root, environment: { ...environment, WAYBILL_SERVER: server.url } }),
  };
}

describeWith("postgres", "a job that waits for somebody", () => {
  test("runs once, though its servers are killed while it is held and when it has been approved by another one", async () => {
    const root = await temporaryDirectory();
    mkdirSync(join(root, "ran"));
    const database = await PostgresDatabase.create();
    onTestFinished(() => database.drop());
    const data = join(root, "data");
    const serve = (): Promise<ServerProcess> => startServer(data, ["--database", database.url]);
    const first = await serve();
    const { run } = await administrator(root, data, database.url, first);
    const repository = await pushedRepository(root, () => first.url);
    const { id: project } = await postJson(`${first.url}/v1/projects`, { name: "shop" });
    const created = { project_id: project, name: "build", repository_url: repository.url };
    const { id: pipeline } = await postJson(`${first.url}/v1/pipelines`, created);
    const made = await run(
      first,
      "environments",
      "create",
      "shop",
      "production",
      "--branch",
      "main",
      "--approvals",
      "1",
    );
    expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("1 of the project's approvers") });
    await repository.push({ "waybill.yaml": PIPELINE(root) });
    await postJson(`${first.url}/v1/pipelines/${String(pipeline)}/runs`, { variables: { N: 1 } });
    const held = async (server: ServerProcess, number: number): Promise<void> => {
      const status = async (): Promise<string> => (await run(server, "status", String(number))).stdout;
      await expect.poll(status, { timeout: 20_000 }).toMatch(/^ship +pending +- +waiting for approval of production$/m);
    };
    await held(first, 1);
    await held(first, 2);
    expect((await run(first, "status", "2")).stdout).toContain("waybill approve 2 ship");

    // Killed while both are held, and the one that takes them up as soon as one is approved.
    await first.end("SIGKILL");
    const second = await serve();
    const third = await serve();
    await held(second, 2);
    expect((await run(second, "approve")).stdout.match(/job ship +production +0 of 1/g)).toHaveLength(2);
    expect((await run(second, "approve", "2", "shpi")).stderr).toContain("What waits: job ship");
    expect((await run(second, "approve", "2", "ship")).stdout).toBe("job ship for production: approved\n");
    await second.end("SIGKILL");
    const ended = async (number: number): Promise<string> => (await run(third, "status", String(number))).stdout;
    await expect.poll(() => ended(2), { timeout: 30_000 }).toMatch(/^ship +success/m);
    expect((await run(third, "status", "1")).stdout).toMatch(/^ship +pending/m);

    // Whichever of the two drives it, the other one is told.
    const fourth = await serve();
    expect((await run(fourth, "approve", "1", "--comment", "fine")).exitCode).toBe(0);
    await expect.poll(() => ended(1), { timeout: 30_000 }).toMatch(/^ship +success/m);
    for (const n of [0, 1]) expect(readFileSync(join(root, "ran", String(n)), "utf8")).toBe("build\nship\n");
    expect((await run(third, "approve")).stderr).toContain("Nothing waits");
    expect(third.log() + fourth.log()).not.toContain('"level":"ERROR"');
  });
});
