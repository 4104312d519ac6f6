import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_IMAGE } from "../../../../../test/support/docker-daemon.ts";
import { describeWith } from "../../../../../test/support/requires.ts";
import { spawnCli, type CliResult } from "../../testing/spawn-cli.ts";

const HOSTILE = `it's "so" $HOME \`id\` \${X}\n--privileged\\ end `;

/** What a step says of where it is. Its execution and the file for its outputs are the run's own; OLDPWD is the shell's. */
const SURVEY = [
  "id -u; pwd; echo $WORKSPACE; cat built place $HOME/note",
  `printf '%s|' "$HOSTILE" "$-" "$#" "$VERSION" "$DASH"`,
  "env | grep -vE '^(WAYBILL_EXECUTION_ID|WAYBILL_OUTPUT|OLDPWD)=' | sort",
  "grep -E '^(Cap|NoNewPrivs)' /proc/self/status; ulimit -c; ulimit -S -n; uname -n",
  'echo "X=1" >>"$WAYBILL_OUTPUT"; read -r line || echo no input; test -t 1 || echo no terminal',
  "ls /sys/class/net",
];

const PIPELINE = {
  name: "contained",
  global_env: { HOSTILE: HOSTILE.replace("${", "$$${"), API_TOKEN: "tok-123456", DASH: "--volume=/:/host" },
  jobs: {
    build: {
      artifacts: { built: ["built"] },
      steps: [
        {
          name: "compile",
          image: TEST_IMAGE,
          script: [
            "echo built > built",
            'printf "%s\\n" "VERSION=-1.2 \'\\"$(id)" "IMAGE=waybill-test" "LATE=x" >>"$WAYBILL_OUTPUT"',
          ],
        },
      ],
    },
    test: {
      depends_on: ["build"],
      resources: { memory: "64m", cpus: 0.5, pids: 100 },
      isolation: { network: "none" },
      steps: [
        { name: "prepare", image: TEST_IMAGE, script: ["echo of the home > $HOME/note; mkdir sub; echo $PWD > place"] },
        {
          name: "check",
          image: "${{ job.build.outputs.IMAGE }}:base",
          environment: { LATE: "${{ job.build.outputs.VERSION }}", HEADER: "Bearer ${API_TOKEN}" },
          script: [...SURVEY, "exit 7"],
        },
      ],
    },
    missing: {
      steps: [{ name: "enter", image: TEST_IMAGE, working_directory: "/app/-nowhere", script: ["echo entered"] }],
    },
    below: {
      isolation: { user: "root" },
      steps: [
        { name: "make", image: TEST_IMAGE, script: ["mkdir -p 'a b'"] },
        { name: "fail", image: TEST_IMAGE, working_directory: "a b", script: ["pwd; id -u; false"] },
      ],
    },
  },
};

describeWith("docker", "waybill debug of a job that ran in containers", () => {
  let cwd: string;
  let temporary: string;
  let printed: (job: string, step: string) => string;

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), "waybill debug's "));
    // Not in the project: what is copied would change while it is read.
    temporary = await mkdtemp(join(tmpdir(), "waybill-debug-"));
    await writeFile(join(cwd, "waybill.yaml"), JSON.stringify(PIPELINE));
    const { exitCode, stdout, stderr } = await cli("run", "--json");
    if (exitCode !== 1) throw new Error(stderr);
    const events = stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as OutputEvent]));
    printed = (job, step) =>
      events
        .filter((event) => event.type === "step.output" && event.job === job && event.step === step)
        .map(({ line }) => `${line}\n`)
        .join("");
  }, 120_000);

  afterAll(async () => {
    for (const directory of [cwd, temporary]) await rm(directory, { recursive: true, force: true });
  });

  function cli(...args: readonly string[]): Promise<CliResult> {
    return spawnCli(args, { cwd, env: { WAYBILL_EXECUTOR: "auto", DOCKER_HOST: process.env["DOCKER_HOST"] ?? "" } });
  }

  /** As somebody who pastes it into a shell of their own. */
  function paste(script: string, environment: Readonly<Record<string, string>> = {}): Promise<Pasted> {
    return new Promise((resolve) => {
      const own = { PATH: process.env["PATH"], DOCKER_HOST: process.env["DOCKER_HOST"], TMPDIR: temporary };
      execFile("sh", ["-c", script], { env: { ...own, ...environment }, cwd: "/" }, (error, stdout, stderr) => {
        resolve({ code: error?.code ?? 0, stdout, stderr });
      });
    });
  }

  test("prints commands that print what the step printed and end as it did", async () => {
    const { exitCode, stdout } = await cli("debug", "1", "test");
    expect(exitCode).toBe(0);
    const secrets = { API_TOKEN: "tok-123456", HEADER: "Bearer tok-123456" };
    const { code, stdout: again, stderr } = await paste(stdout, secrets);
    const before = printed("test", "check");
    expect(before).toContain(`${HOSTILE.split("\n")[1] ?? ""}|`);
    expect(before).toContain(`-1.2 '"uid=`);
    expect(before).toContain("no input\nno terminal\nlo\n");
    expect(again).toBe(before);
    expect([code, stderr]).toEqual([7, ""]);
  });

  test("takes secrets from the shell of whoever runs them, and shows none", async () => {
    const { stdout, stderr } = await cli("debug", "1", "test");
    expect(stdout + stderr).not.toContain("tok-123456");
    expect(stdout).toMatch(/^ {2}--env API_TOKEN \\$/m);
    expect(stdout).toMatch(/^ {2}--env HEADER \\$/m);
    expect(stderr).toContain("to be exported in your shell before: API_TOKEN, HEADER\n");
    expect((await paste(stdout, { API_TOKEN: "given again" })).stdout).toContain("\nAPI_TOKEN=given again\n");
  });

  test("does not enter a directory that was not there", async () => {
    const { stdout } = await cli("debug", "1", "missing");
    const { code, stderr } = await paste(stdout);
    expect(code).toBe(2);
    expect(stderr).toContain("/app/-nowhere");
    expect(printed("missing", "enter")).toContain("/app/-nowhere");
  });

  test("is the container's root where the job was, in the directory of the step", async () => {
    const { stdout } = await cli("debug", "1", "below");
    expect(stdout).toContain("--cap-add CHOWN");
    expect(await paste(stdout)).toEqual({ code: 1, stdout: printed("below", "fail"), stderr: "" });
    expect(printed("below", "fail")).toBe("/workspace/a b\n0\n");
  });

  test("tells a program the same", async () => {
    const text = await cli("debug", "1", "test");
    const { stdout } = await cli("debug", "1", "test", "--json");
    const { setup, steps } = JSON.parse(stdout) as { setup: string[]; steps: Record<string, string>[] };
    expect(`${[...setup, ...steps.map(({ command }) => command)].join("\n")}\n`).toBe(text.stdout);
    expect(steps).toMatchObject([
      { step: "prepare", executor: "docker", image: TEST_IMAGE },
      { step: "check", executor: "docker", image: "waybill-test:base", working_directory: "/workspace" },
    ]);
    expect(steps[1]?.["environment"]).toMatchObject({ WORKSPACE: "/workspace", API_TOKEN: "***" });
  });
});

describeWith("bubblewrap", "waybill debug of a job that ran in a sandbox", () => {
  test("says that the commands run it outside", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "waybill-debug-"));
    try {
      await writeFile(join(cwd, "waybill.yaml"), "name: s\njobs: { a: { steps: [{ name: s, script: ['false'] }] } }\n");
      await spawnCli(["run", "--executor", "sandbox"], { cwd });
      const { stdout, stderr } = await spawnCli(["debug", "latest", "a"], { cwd });
      expect(stderr).toContain("The job ran in a sandbox; the commands run it outside");
      expect(stdout).toContain("env -i");
      expect(stdout).not.toContain("docker");
      const { stdout: json } = await spawnCli(["debug", "latest", "a", "--json"], { cwd });
      expect(JSON.parse(json)).toMatchObject({ steps: [{ executor: "sandbox", image: null }] });
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  });
});

interface OutputEvent {
  readonly type: string;
  readonly job?: string;
  readonly step?: string;
  readonly line?: string;
}

interface Pasted {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}
