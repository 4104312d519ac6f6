import { execFile, execFileSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { TWO_JOBS } from "../../testing/pipelines.ts";
import { CLI, spawnCli } from "../../testing/spawn-cli.ts";
import { temporaryProject } from "../../testing/temporary-project.ts";

const run = promisify(execFile);

/** A project with one run, and `waybill` on the PATH. */
async function projectWithRun(): Promise<{ readonly cwd: string; readonly env: Record<string, string> }> {
  const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS, "a file.yaml": TWO_JOBS, "bin/.keep": "" });
  const command = CLI.map((part) => `'${part}'`).join(" ");
  await writeFile(join(cwd, "bin/waybill"), `#!/bin/sh\nexec ${command} "$@"\n`);
  await chmod(join(cwd, "bin/waybill"), 0o755);
  await spawnCli(["run"], { cwd });
  return { cwd, env: { PATH: `${join(cwd, "bin")}:${process.env["PATH"]}`, HOME: cwd, LC_ALL: "C.UTF-8" } };
}

/** What bash would offer after this line, loaded and called as bash does it. */
const BASH = `
eval "$(waybill completion bash)"
COMP_LINE="$1" COMP_POINT=\${#1}
COMP_WORDS=($1) COMP_CWORD=\${#COMP_WORDS[@]}
_waybill
printf '%s\\n' "\${COMPREPLY[@]}"
`;

const FISH = `
waybill completion fish | source
complete -C "$argv[1]"
`;

const SHELLS = {
  bash: (line: string) => ["-c", BASH, "bash", line],
  fish: (line: string) => ["--no-config", "-c", FISH, line],
} as const;

function isInstalled(shell: string): boolean {
  try {
    execFileSync(shell, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("waybill __complete", () => {
  test("offers what is in the project", async () => {
    const { cwd } = await projectWithRun();
    const offered = async (...words: string[]): Promise<string> =>
      (await spawnCli(["__complete", "--", ...words], { cwd })).stdout;
    expect(await offered("run", "--job", "")).toBe("build\t\ntest\tafter build\n");
    expect(await offered("logs", "")).toBe("latest\tthe last run\n1\tdemo: success\n");
    expect(await offered("logs", "latest", "te")).toBe("test\tsuccess\n");
    expect(await offered("logs", "1", "test", "--step", "")).toBe("unit\tsuccess\n");
    expect(await offered("explain", "CLI_NO_P")).toBe("CLI_NO_PIPELINE\tThere is no pipeline file here\n");
    expect(await offered("lint", "")).toBe(":files\n");
  });

  test("is silent where there is nothing to offer, or something is broken", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": "jobs: [", ".waybill/waybill.db": "not a database" });
    for (const words of [
      ["run", "--job", ""],
      ["logs", "latest", ""],
      ["nonsense", "x", ""],
    ]) {
      const { exitCode, stdout, stderr } = await spawnCli(["__complete", "--", ...words], { cwd });
      expect([exitCode, stdout, stderr]).toEqual([0, "", ""]);
    }
  });
});

describe.each(["bash", "fish"] as const)("completion in %s", (shell) => {
  // Where the shell is not installed there is nothing to test; bash is everywhere.
  const installed = isInstalled(shell);

  test(`offers commands, options, jobs, runs and files${installed ? "" : " (not installed)"}`, async () => {
    if (!installed) return;
    const { cwd, env } = await projectWithRun();
    const offered = async (line: string): Promise<string[]> => {
      const { stdout } = await run(shell, SHELLS[shell](line), { cwd, env });
      return stdout
        .split("\n")
        .map((candidate) => candidate.split("\t")[0] ?? "")
        .filter(Boolean);
    };
    expect(await offered("waybill ru")).toEqual(["run", "runs"]);
    expect(await offered("waybill graph --form")).toEqual(["--format"]);
    expect(await offered("waybill graph --format ")).toEqual(expect.arrayContaining(["tree", "mermaid", "dot"]));
    expect(await offered("waybill run --job ")).toEqual(["build", "test"]);
    expect((await offered("waybill logs ")).toSorted()).toEqual(["1", "latest"]);
    expect((await offered("waybill lint wayb")).map((file) => file.replaceAll("\\", ""))).toEqual(["waybill.yaml"]);
    expect(await offered("waybill graph --format=me")).toEqual(shell === "bash" ? ["mermaid"] : ["--format=mermaid"]);
  });
});

describe("the zsh script", () => {
  test("is loaded without complaint", async () => {
    if (!isInstalled("zsh")) return;
    const { cwd, env } = await projectWithRun();
    const script =
      'autoload -Uz compinit; compinit -u -D; eval "$(waybill completion zsh)"; print -r -- $_comps[waybill]';
    const { stdout, stderr } = await run("zsh", ["-f", "-c", script], { cwd, env });
    expect([stdout, stderr]).toEqual(["_waybill\n", ""]);
  });
});
