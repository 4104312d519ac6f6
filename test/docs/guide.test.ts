import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { documentSteps, showsOutput } from "../support/console-blocks.ts";
import { projectFiles, repositoryRoot } from "../support/repository.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { runCommand } from "../support/waybill.ts";

/** Runs the command in the directory, prints where it ended, and leaves with the command's own exit code. */
const SHELL_SCRIPT = `exec 2>&1
eval "$1"
status=$?
pwd > "$2"
exit $status`;

/** A directory with a command `waybill`: this checkout's. */
async function programs(): Promise<string> {
  const directory = await temporaryDirectory();
  const built = join(repositoryRoot, "apps/cli/dist/waybill.js");
  await writeFile(join(directory, "waybill"), `#!/bin/sh\nexec '${process.execPath}' -- '${built}' "$@"\n`);
  await chmod(join(directory, "waybill"), 0o755);
  return directory;
}

/** A page that starts a server also ends it: but not where the test ends before. */
function endServer(directory: string): void {
  const file = join(directory, "server.pid");
  if (!existsSync(file)) return;
  try {
    process.kill(Number(readFileSync(file, "utf8")), "SIGTERM");
  } catch {
    // It has ended.
  }
}

/** Follows a page in a directory of its own. @returns how many commands it has */
async function follow(page: string): Promise<number> {
  const steps = documentSteps(await readFile(join(repositoryRoot, page), "utf8"));
  const state = join(await temporaryDirectory(), "directory");
  const environment = {
    PATH: `${await programs()}:${process.env["PATH"] ?? ""}`,
    // As its readers do: each job where it runs by default.
    WAYBILL_EXECUTOR: undefined,
    WAYBILL_SERVER: undefined,
    WAYBILL_TOKEN: undefined,
    // What a reader has already, and what is not to be left behind.
    XDG_CONFIG_HOME: await temporaryDirectory(),
    GIT_AUTHOR_NAME: "Reader",
    GIT_AUTHOR_EMAIL: "reader@example.com",
    GIT_COMMITTER_NAME: "Reader",
    GIT_COMMITTER_EMAIL: "reader@example.com",
  };
  let cwd = await temporaryDirectory();
  onTestFinished(() => endServer(cwd));
  for (const step of steps) {
    if (step.kind === "write") {
      const path = join(cwd, step.path);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, step.text);
      continue;
    }
    const result = await runCommand("sh", ["-c", SHELL_SCRIPT, "sh", step.command, state], { cwd, environment });
    const command = `${page}:${step.line}: ${step.command}`;
    // Compared together, so that a failure names the command and what it printed.
    expect({ command, exitCode: result.exitCode, printed: result.stdout }).toMatchObject({
      command,
      exitCode: step.exitCode,
    });
    if (!showsOutput(step.shown, result.stdout))
      expect({ command, lines: result.stdout.split("\n") }).toEqual({ command, lines: step.shown });
    cwd = (await readFile(state, "utf8")).trimEnd();
  }
  return steps.filter((step) => step.kind === "run").length;
}

// The pages show sandboxes, which is where jobs run by default.
describeWith("bubblewrap", "the documents", () => {
  test("every command of the guide, in order, does what the guide shows", async () => {
    expect(await follow("docs/guide.md")).toBeGreaterThan(15);
  });

  const followed = ["README.md", ...projectFiles().filter((path) => path.startsWith("docs/how-to/"))].filter((page) =>
    readFileSync(join(repositoryRoot, page), "utf8").includes("```console"),
  );

  test.each(followed)("every command of %s does what the page shows", async (page) => {
    await follow(page);
  });
});
