import { spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "./support/repository.ts";
import { temporaryCopy, temporaryDirectory } from "./support/temporary-directory.ts";
import { runCommand, type CommandResult } from "./support/waybill.ts";

/** Programs that script/setup may use, found where this machine has them. */
const BASIC_TOOLS = "cat chmod cksum cmp cp dirname env find grep head ln mkdir mv readlink rm sed sh tail uname".split(
  " ",
);

interface Machine {
  /** Whether it has npm: the real one, on the Node these tests run on. */
  readonly npm?: boolean;
  /** Version that its `node` prints; undefined: it has none. */
  readonly node?: string;
}

function whereIs(program: string): string {
  const { stdout } = spawnSync("sh", ["-c", 'command -v "$1"', "sh", program], { encoding: "utf8" });
  return stdout.trim();
}

/**
 * A PATH with the basic tools, and a `node` that claims some version: only asked for its version it lies, everything
 * else (running npm) is done by the real one.
 */
async function pathOf({ npm = true, node }: Machine): Promise<string> {
  const directory = await temporaryDirectory();
  for (const tool of BASIC_TOOLS) await symlink(whereIs(tool), join(directory, tool));
  if (node !== undefined) {
    await writeProgram(
      join(directory, "node"),
      `if [ "$1" = --version ]; then echo ${node}; else exec '${process.execPath}' "$@"; fi`,
    );
  }
  if (npm) await writeProgram(join(directory, "npm"), `exec '${whereIs("npm")}' "$@"`);
  return directory;
}

async function writeProgram(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

async function setUp(
  checkout: string,
  path: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return runCommand(join(checkout, "script/setup"), args, { cwd: "/", environment: { PATH: path, ...environment } });
}

/** A npm that finds nothing in its cache and nobody at its registry. */
async function offline(): Promise<Record<string, string>> {
  return { npm_config_registry: "http://127.0.0.1:9/", npm_config_cache: await temporaryDirectory() };
}

describe("script/setup", () => {
  test("installs a private Node where the machine's is too old, and everything else with it", async () => {
    const checkout = await temporaryCopy(repositoryRoot);
    const path = await pathOf({ node: "v20.18.1" });
    const first = await setUp(checkout, path);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toContain("Node 20 is too old: installing a private Node 24");

    const node = join(checkout, ".tools/bin/node");
    expect(await readlink(node)).toContain("/.tools/node/node_modules/");
    const version = await runCommand(node, ["--version"], { cwd: "/" });
    expect(version.stdout).toMatch(/^v24\./);
    const npm = await runCommand(join(checkout, ".tools/bin/npm"), ["--version"], {
      cwd: "/",
      environment: { PATH: path },
    });
    expect(npm).toMatchObject({ exitCode: 0 });
    await stat(join(checkout, "apps/cli/dist/waybill.js"));

    // Again, with nothing to do: not a word, and nothing is made anew.
    const builtAt = (await stat(join(checkout, "apps/cli/dist/waybill.js"))).mtimeMs;
    expect(await setUp(checkout, path)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect((await stat(join(checkout, "apps/cli/dist/waybill.js"))).mtimeMs).toBe(builtAt);
  });

  test.each(["v24.0.0", "v26.1.0"])("uses the machine's Node %s", async (version) => {
    const checkout = await temporaryCopy(repositoryRoot);
    const { exitCode } = await setUp(checkout, await pathOf({ node: version }), ["--node-only"]);
    expect(exitCode).toBe(0);
    expect(await readlink(join(checkout, ".tools/bin/node"))).toBe(process.execPath);
  });

  test("works through a link and from any directory", async () => {
    const checkout = await temporaryCopy(repositoryRoot);
    const link = join(await temporaryDirectory(), "prepare");
    await symlink(join(checkout, "script/setup"), link);
    const environment = { PATH: await pathOf({ node: "v24.0.0" }) };
    const { exitCode } = await runCommand(link, ["--node-only"], { cwd: "/", environment });
    expect(exitCode).toBe(0);
    await stat(join(checkout, ".tools/bin/node"));
  });

  test("builds again when a source is newer than the build", async () => {
    const checkout = await temporaryCopy(repositoryRoot);
    const path = await pathOf({ node: "v24.0.0" });
    await setUp(checkout, path);
    await writeFile(join(checkout, "packages/core/src/added.ts"), "export const added = 1;\n");
    const { stdout } = await setUp(checkout, path);
    expect(stdout).toMatch(/^Built /);
  });

  test("says so when there is no Node", async () => {
    const checkout = await temporaryCopy(repositoryRoot);
    const { exitCode, stderr } = await setUp(checkout, await pathOf({}));
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^error\[SETUP_NODE_MISSING\]: There is no node on PATH\.\n {2}Install/);
  });

  test("says so when there is no npm", async () => {
    const checkout = await temporaryCopy(repositoryRoot);
    const { exitCode, stderr } = await setUp(checkout, await pathOf({ node: "v24.0.0", npm: false }));
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^error\[SETUP_NPM_MISSING\]/);
  });

  test.each(["v20.18.1", "v24.0.0"])("with Node %s, tells an unreachable registry from other trouble", async (node) => {
    const checkout = await temporaryCopy(repositoryRoot);
    const { exitCode, stderr } = await setUp(checkout, await pathOf({ node }), [], await offline());
    expect(exitCode).toBe(3);
    expect(stderr).toContain("error[SETUP_OFFLINE]");
    expect(stderr).not.toContain("127.0.0.1");
  });

  test("shows what npm said when the installation fails, and starts over the next time", async () => {
    const checkout = await temporaryCopy(repositoryRoot);
    const path = await pathOf({ node: "v24.0.0" });
    await writeFile(join(checkout, "package-lock.json"), "{}");
    const broken = await setUp(checkout, path);
    expect(broken.exitCode).toBe(3);
    expect(broken.stderr).toContain("npm error");
    expect(broken.stderr).toContain("error[SETUP_INSTALL_FAILED]");
    await writeFile(join(checkout, "package-lock.json"), await readFile(join(repositoryRoot, "package-lock.json")));
    expect(await setUp(checkout, path)).toMatchObject({ exitCode: 0 });
  });

  test("refuses arguments it does not know", async () => {
    const { exitCode, stderr } = await setUp(repositoryRoot, await pathOf({ node: "v24.0.0" }), ["--fast"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Usage: script/setup");
  });
});

describe("script/waybill", () => {
  test("sets a fresh checkout up by itself", async () => {
    const checkout = await temporaryCopy(repositoryRoot);
    const link = join(await temporaryDirectory(), "waybill");
    await mkdir(join(checkout, "elsewhere"));
    await symlink(join(checkout, "script/waybill"), link);
    const { exitCode, stdout } = await runCommand(link, ["--version"], {
      cwd: join(checkout, "elsewhere"),
      environment: { PATH: await pathOf({ node: "v24.0.0" }) },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
