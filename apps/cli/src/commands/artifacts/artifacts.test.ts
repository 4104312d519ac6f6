import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawnCli, type CliResult } from "../../testing/spawn-cli.ts";

const PIPELINE = `name: demo
jobs:
  build:
    artifacts:
      app: dist
      notes: notes.txt
      trace: { paths: trace.log, optional: true }
    steps:
      - name: make
        script: [mkdir dist, echo built > dist/tool, chmod +x dist/tool, ln -s tool dist/link, echo noted > notes.txt]
  idle: { steps: [{ name: none, script: ["true"] }] }
`;

let cwd: string;
let summary: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "waybill-artifacts-"));
  await writeFile(join(cwd, "waybill.yaml"), PIPELINE);
  summary = (await spawnCli(["run"], { cwd })).stdout;
});

afterAll(() => rm(cwd, { recursive: true, force: true }));

function artifacts(...args: readonly string[]): Promise<CliResult> {
  return spawnCli(["artifacts", ...args], { cwd });
}

describe("waybill artifacts", () => {
  test("are named where a run ends, by the commands that fetch and list them", () => {
    expect(summary).toContain("Artifacts: waybill artifacts get 1 build app, 2 in all: waybill artifacts list 1\n");
  });

  test("lists what was kept, and an optional artifact that is not there is no failure", async () => {
    const { exitCode, stdout } = await artifacts("list", "1");
    expect(exitCode).toBe(0);
    const rows = stdout.split("\n").map((row) => row.split(/ {2,}/).filter((_, column) => column !== 5));
    expect(rows).toEqual([
      ["RUN", "JOB", "NAME", "FILES", "SIZE", "STATE"],
      ["1", "build", "app", "2", "6 B", "stored"],
      ["1", "build", "notes", "1", "6 B", "stored"],
      [""],
    ]);
  });

  test("fetches one as it was in the workspace, into a directory that has nothing else", async () => {
    const { exitCode, stdout } = await artifacts("get", "latest", "build", "app");
    expect([exitCode, stdout]).toEqual([0, "app of build, run 1: 2 files, 6 B in app\n"]);
    expect((await lstat(join(cwd, "app/dist/tool"))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(cwd, "app/dist/link"))).toBe("tool");

    const again = await artifacts("get", "latest", "build", "app");
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain("error[CLI_DIRECTORY_NOT_EMPTY]");

    await writeFile(join(cwd, "app/dist/tool"), "changed");
    const forced = await artifacts("get", "1", "build", "app", "--force", "--json");
    expect(JSON.parse(forced.stdout)).toMatchObject({ run: 1, name: "app", files: 2, directory: join(cwd, "app") });
    expect(await readFile(join(cwd, "app/dist/tool"), "utf8")).toBe("built\n");
  });

  test.each([
    ["a run that does not exist", ["get", "9", "build", "app"], "CLI_RUN_NOT_FOUND"],
    ["a job that does not exist", ["get", "1", "biuld", "app"], "CLI_UNKNOWN_JOB"],
    ["an artifact that does not exist", ["pin", "1", "build", "ap"], "CLI_UNKNOWN_ARTIFACT"],
    ["an artifact of a job that kept none", ["get", "1", "idle", "app"], "CLI_UNKNOWN_ARTIFACT"],
    ["a command that does not exist", ["lst"], "CLI_UNKNOWN_COMMAND"],
  ])("refuses %s", async (_name, args, code) => {
    const { exitCode, stdout, stderr } = await artifacts(...args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`error[${code}]`);
  });

  test("shows its help where none of its commands is named", async () => {
    const { exitCode, stderr } = await artifacts();
    expect(exitCode).toBe(2);
    expect(stderr).toContain("waybill artifacts gc --dry-run");
    expect(stderr).not.toContain("error[");
  });

  test("keeps what is pinned, and says so", async () => {
    expect((await artifacts("pin", "1", "build", "notes")).stdout).toContain("is kept until it is unpinned");
    expect((await artifacts("pin", "1", "build", "notes")).stdout).toContain("was pinned already");
    const { stdout } = await artifacts("list", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      artifacts: [
        { name: "app", state: "stored", in_use: false },
        { name: "notes", state: "pinned" },
      ],
      storage: { artifact_count: 4 },
    });
    expect((await artifacts("unpin", "1", "build", "notes")).stdout).toContain("is kept as long as others are");
    expect((await artifacts("unpin", "1", "build", "notes")).stdout).toContain("was not pinned");
  });

  test("removes nothing that is new", async () => {
    const { exitCode, stdout } = await artifacts("gc", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ dry_run: false, evaluated: 2, artifacts: [], contents_deleted: 0 });
  });

  test("has nothing to do where there are no runs", async () => {
    const empty = join(cwd, "empty");
    await mkdir(empty);
    await writeFile(join(empty, "waybill.yaml"), PIPELINE);
    for (const command of ["list", "gc", "verify"]) {
      expect((await spawnCli(["artifacts", command], { cwd: empty })).exitCode).toBe(0);
    }
    expect(await readdir(empty)).toEqual(["waybill.yaml"]);
  });
});

describe("damage", () => {
  test("is found, told, kept away from jobs, and healed by building the same again", async () => {
    const [notes] = (
      JSON.parse((await artifacts("list", "--json")).stdout) as { artifacts: { hash: string }[] }
    ).artifacts.slice(1);
    const hash = notes?.hash ?? "";
    const path = join(cwd, ".waybill/artifacts/artifacts", hash.slice(0, 2), hash.slice(2, 4), hash);
    expect((await artifacts("verify")).exitCode).toBe(0);
    await writeFile(path, "something else");

    const { exitCode, stdout } = await artifacts("verify", "1", "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      problems: [{ expected_hash: hash, verification_result: "corrupted" }],
    });
    expect((await artifacts("list")).stdout).toMatch(/notes .* damaged/);
    const fetched = await artifacts("get", "1", "build", "notes");
    expect(fetched.exitCode).toBe(3);
    expect(fetched.stderr).toContain("error[ARTIFACT_CORRUPTED]");
    expect(await readdir(cwd)).not.toContain("notes");

    expect((await spawnCli(["run", "--json"], { cwd })).exitCode).toBe(0);
    expect((await artifacts("get", "1", "build", "notes")).exitCode).toBe(0);
    expect((await artifacts("verify", hash)).exitCode).toBe(0);
  });
});
