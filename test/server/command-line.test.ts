import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { runCommand, waybill, type CommandResult } from "../support/waybill.ts";
import { pushedRepository, type PushedRepository } from "./support/pushed-repository.ts";
import { startServer, tokenOf, type ServerProcess } from "./support/server-process.ts";

const PIPELINE = `
name: shop
jobs:
  build:
    steps:
      - { name: one, script: ["echo building", "tr a-z A-Z <source >app"] }
      - { name: two, script: ["echo second"] }
    artifacts: { app: [app] }
  test:
    depends_on: [build]
    steps: [{ name: check, script: ["echo checking", "echo oh >&2", "exit \${CODE:-0}"] }]
`;

interface Bench {
  readonly root: string;
  readonly server: ServerProcess;
  readonly repository: PushedRepository;
  /** Runs the command line as somebody who has signed in, or has not yet. */
  readonly run: (...args: readonly string[]) => Promise<CommandResult>;
}

async function bench(pipeline = PIPELINE): Promise<Bench> {
  const root = await temporaryDirectory();
  const server = await startServer(join(root, "data"));
  const repository = await pushedRepository(root, () => server.url);
  await repository.push({ "waybill.yaml": pipeline, source: "content\n" });
  const environment = { XDG_CONFIG_HOME: join(root, "config"), WAYBILL_TOKEN: undefined, WAYBILL_SERVER: undefined };
  writeFileSync(join(root, "token"), tokenOf(server.url), { mode: 0o600 });
  const run = (...args: readonly string[]): Promise<CommandResult> => waybill(args, { cwd: root, environment });
  return { root, server, repository, run };
}

async function signedIn(pipeline = PIPELINE): Promise<Bench> {
  const opened = await bench(pipeline);
  await opened.run("login", "--server", opened.server.url, "--token-file", "token");
  await opened.run("connect", "shop.git");
  return opened;
}

describeWith("git", "the command line and a server", () => {
  test("a token is tried before it is kept, for its owner alone, and is forgotten", async () => {
    const { root, server, run } = await bench();
    const file = join(root, "config/waybill/servers.json");
    expect(await run("list", "pipelines")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("SERVER_NOT_CHOSEN"),
    });
    writeFileSync(join(root, "wrong"), "wbm_0123456789abcdef0123456789abcdef");
    const wrong = await run("login", "--server", server.url, "--token-file", "wrong");
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("AUTH_REQUIRED") });
    expect(wrong.stderr).not.toContain("0123456789abcdef0123");
    expect(existsSync(file)).toBe(false);
    // Without a terminal to ask on.
    expect((await run("login", "--server", server.url)).stderr).toContain("TOKEN_UNREADABLE");
    const login = await run("login", "--server", `${server.url}/`, "--token-file", "token");
    expect(login).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`Signed in at ${server.url}`) });
    expect(login.stdout).not.toContain(tokenOf(server.url));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run("list", "pipelines")).exitCode).toBe(0);
    expect((await run("logout")).exitCode).toBe(0);
    expect(readFileSync(file, "utf8")).not.toContain(tokenOf(server.url));
    expect((await run("list", "pipelines")).exitCode).toBe(2);
  });

  test("asks for the token on a terminal, and does not show it", async () => {
    const { root, server } = await bench();
    const program = join(import.meta.dirname, "../../apps/cli/dist/waybill.js");
    const command = `'${process.execPath}' -- '${program}' login --server ${server.url}`;
    const terminal = await runCommand("script", ["-qec", command, "/dev/null"], {
      cwd: root,
      input: `${tokenOf(server.url)}\r`,
      environment: { XDG_CONFIG_HOME: join(root, "config"), WAYBILL_TOKEN: undefined, WAYBILL_SERVER: undefined },
    });
    expect(terminal.stdout).toContain("Signed in at");
    expect(terminal.stdout.split("Token for")[1]).not.toContain(tokenOf(server.url));
  });

  test("a run that fails is shown as one of this machine is, with its exit code", async () => {
    const { run, server } = await signedIn();
    const shown = await run("trigger", "shop", "--var", "CODE=3", "--wait");
    expect(shown.exitCode).toBe(1);
    const lines = shown.stdout.split("\n");
    const order = ["build * step one", "build | building", "build * step two", "build | second", "test * step check"];
    expect(lines.filter((line) => order.includes(line))).toEqual(order);
    expect(shown.stdout).toContain("test ! oh\n");
    expect(shown.stdout).toContain("The last lines of test, step check:\n  checking\n  oh\n");
    expect(shown.stdout).toContain(`waybill logs 1 test --server ${server.url}`);
    const json = await run("status", "1", "--wait", "--json");
    expect(json.exitCode).toBe(1);
    const events = json.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { seq: number; type: string; step?: string; line?: string });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.type).toBe("run.finished");
    // Each line between the beginning and the end of its step, also where all of it is history.
    expect(events.filter(({ step }) => step === "two").map(({ type }) => type)).toEqual([
      "step.started",
      "step.output",
      "step.finished",
    ]);
    const status = await run("status", "latest");
    expect(status).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Run 1 of shop: failed in /) });
    expect(status.stdout).toMatch(/^test +failed .*exited with code 3$/m);
    const why = await run("why", "1", "test", "--server", server.url);
    expect([why.exitCode, why.stderr]).toEqual([0, ""]);
    expect(why.stdout).toMatch(/^Job test of run 1 failed: step "check" exited with code 3/);
    expect(why.stdout).toMatch(
      /\nWhat began the run:\n {2}manual of refs\/heads\/main at [0-9a-f]{12}, by (.+)\n {2}because \1 asked for it\n/,
    );
    expect(why.stdout).toContain("\nThe last lines of step check:\n  checking\n  oh\n");
    const explained = JSON.parse((await run("why", "1", "test", "--server", server.url, "--json")).stdout) as unknown;
    expect(explained).toMatchObject({ run: 1, trigger: { event: "manual", ref: "refs/heads/main", rerun_of: null } });
    expect((await run("why", "1", "tset", "--server", server.url)).stderr).toContain("Did you mean test?");
    expect((await run("status", "2")).stderr).toContain("error[SERVER_NO_RUN]");
    expect((await run("list", "runs", "--status", "failed")).stdout).toMatch(/^1 +shop +failed/m);
    expect((await run("list", "runs", "--status", "success")).stderr).toContain("no such runs");
  });

  test("logs and artifacts of a server come out as those of this machine do", async () => {
    const { run, server, root } = await signedIn();
    expect((await run("trigger", "shop", "--wait")).exitCode).toBe(0);
    const remote = ["--server", server.url];
    expect((await run("logs", "1", ...remote)).stdout).toBe(
      "build | building\nbuild | second\ntest | checking\ntest ! oh\n",
    );
    expect((await run("logs", "latest", "build", ...remote)).stdout).toBe("building\nsecond\n");
    expect((await run("logs", "1", "build", "--tail", "1", ...remote)).stdout).toBe("second\n");
    expect((await run("logs", "1", "build", "--step", "one", ...remote)).stdout).toBe("building\n");
    expect((await run("logs", "1", "--grep", "^(second|oh)$", "--follow", ...remote)).stdout).toBe(
      "build | second\ntest ! oh\n",
    );
    expect((await run("logs", "1", "--since", "2100-01-01", ...remote)).stdout).toBe("");
    expect((await run("logs", "1", "biuld", ...remote)).stderr).toContain("Did you mean build?");
    expect((await run("artifacts", "list", ...remote)).stdout).toMatch(/^1 +build +app +1 +8 B/m);
    expect(await run("artifacts", "get", "1", "build", "app", ...remote)).toMatchObject({
      exitCode: 0,
      stdout: "app of build, run 1: 1 file, 8 B in app\n",
    });
    expect(readFileSync(join(root, "app/app"), "utf8")).toBe("CONTENT\n");
    expect((await run("artifacts", "get", "1", "build", "app", ...remote)).stderr).toContain("CLI_DIRECTORY_NOT_EMPTY");
  });

  test("a follower sees what comes, and a run is cancelled", async () => {
    const { run, server, root } = await signedIn(`
name: shop
jobs:
  work:
    steps: [{ name: wait, script: ["echo begun", "until [ -e \${ROOT}/go ]; do sleep 0.05; done", "echo over", "until [ -e \${ROOT}/never ]; do sleep 0.05; done"] }]
`);
    await run("trigger", "shop", "--var", `ROOT=${root}`);
    const follower = run("logs", "latest", "--follow", "--server", server.url);
    const watcher = run("status", "latest", "--wait");
    while (!(await run("logs", "1", "--server", server.url)).stdout.includes("begun")) await Promise.resolve();
    writeFileSync(join(root, "go"), "");
    while (!(await run("logs", "1", "--server", server.url)).stdout.includes("over")) await Promise.resolve();
    expect(await run("cancel", "1", "--server", server.url)).toMatchObject({
      exitCode: 0,
      stdout: "Run 1 is cancelled.\n",
    });
    expect((await follower).stdout).toContain("work | begun\nwork | over\n");
    expect(await watcher).toMatchObject({ exitCode: 130, stdout: expect.stringContaining("Run 1 of shop: cancelled") });
    expect((await run("cancel", "1", "--server", server.url)).stderr).toContain("RUN_OVER");
  });

  test("a secret goes in from a file, is listed without its value, and is gone when it is removed", async () => {
    const { run, root } = await signedIn();
    writeFileSync(join(root, "value"), "correct horse battery\n");
    expect((await run("secrets", "set", "shop", "DEPLOY", "--from", "value", "--environment", "prod")).stdout).toBe(
      "DEPLOY is kept for the environment prod, every branch.\n",
    );
    const list = await run("secrets", "list", "shop");
    expect(list.stdout).toMatch(/^DEPLOY +prod +all/m);
    expect(list.stdout).not.toContain("horse");
    const refused = await run("secrets", "set", "shop", "no name", "--from", "value");
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("SECRET_INVALID") });
    expect(refused.stderr).not.toContain("horse");
    expect((await run("secrets", "remove", "shop", "DEPLOY")).stderr).toContain("SECRET_UNKNOWN");
    expect((await run("secrets", "remove", "shop", "DEPLOY", "--environment", "prod")).exitCode).toBe(0);
    expect((await run("secrets", "list", "shop")).stderr).toContain("no secrets");
    expect((await run("approve")).stderr).toContain("Nothing waits");
  });
});
