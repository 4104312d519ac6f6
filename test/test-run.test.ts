import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "./support/repository.ts";
import { temporaryCopy, temporaryDirectory } from "./support/temporary-directory.ts";
import { runCommand, type CommandResult } from "./support/waybill.ts";

/** A copy of this checkout that is set up already, with one more test file. */
async function checkoutWith(testPath: string, text: string): Promise<string> {
  const checkout = await temporaryCopy(repositoryRoot);
  for (const name of [".tools", "node_modules"]) await symlink(join(repositoryRoot, name), join(checkout, name));
  await writeFile(join(checkout, testPath), text);
  return checkout;
}

async function run(
  checkout: string,
  script: string,
  pattern: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<CommandResult & { readonly lastLine: string }> {
  const result = await runCommand(join(checkout, script), [pattern], {
    cwd: "/",
    environment: { CI: undefined, ...environment },
  });
  return { ...result, lastLine: result.stdout.trimEnd().split("\n").at(-1) ?? "" };
}

const ONE_PASSES_ONE_FAILS = `
import { expect, test } from "vitest";
test("passes", () => expect(1).toBe(1));
test("fails", () => expect(1).toBe(2));
`;

const NEEDS_CHROMIUM = `
import { expect, test } from "vitest";
import { describeWith } from "./support/requires.ts";
describeWith("chromium", "pages", () => {
  test("open", () => expect(1).toBe(1));
});
`;

/** A search path on which the browser does not work, whether or not the machine has one. */
async function withoutChromium(): Promise<{ readonly PATH: string }> {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "chromium"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return { PATH: `${directory}:${process.env["PATH"] ?? ""}` };
}

describe("script/test", () => {
  test("fails with the numbers of the tests as its last line", async () => {
    const checkout = await checkoutWith("packages/core/src/extra.test.ts", ONE_PASSES_ONE_FAILS);
    const { exitCode, lastLine } = await run(checkout, "script/test", "core/src/extra");
    expect(lastLine).toBe("1 passed, 1 failed, 0 skipped");
    expect(exitCode).toBe(1);
  });

  test("fails when a test file cannot be loaded", async () => {
    const checkout = await checkoutWith("packages/core/src/extra.test.ts", 'import "./missing.ts";');
    const { exitCode, lastLine } = await run(checkout, "script/test", "core/src/extra");
    expect(lastLine).toBe("0 passed, 1 failed, 0 skipped");
    expect(exitCode).toBe(1);
  });

  test("counts a failed build as a failure beside the tests", async () => {
    const checkout = await checkoutWith("packages/core/src/extra.test.ts", ONE_PASSES_ONE_FAILS);
    await writeFile(join(checkout, "apps/cli/src/main.ts"), 'import "./missing.ts";');
    const { lastLine } = await run(checkout, "script/test", "core/src/extra");
    expect(lastLine).toBe("1 passed, 2 failed, 0 skipped");
  });

  test("names the tests whose needs are missing on this machine", async () => {
    const checkout = await checkoutWith("test/extra.test.ts", NEEDS_CHROMIUM);
    const { exitCode, stdout, lastLine } = await run(checkout, "script/test", "test/extra", await withoutChromium());
    expect(stdout).toContain("Not run:\n  pages (needs chromium) open\n");
    expect(lastLine).toBe("0 passed, 0 failed, 1 skipped");
    expect(exitCode).toBe(0);
  });
});

describe(".ci/run", () => {
  test("skips nothing: a test whose needs are missing fails", async () => {
    const checkout = await checkoutWith("test/extra.test.ts", NEEDS_CHROMIUM);
    const { exitCode, lastLine } = await run(checkout, ".ci/run", "test/extra", await withoutChromium());
    expect(lastLine).toBe("0 passed, 1 failed, 0 skipped");
    expect(exitCode).toBe(1);
  });
});
