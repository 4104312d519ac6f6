import type { Workspaces } from "@waybill/engine";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWorkspaces } from "./open-workspaces.ts";

let root: string;
let project: string;
let workspaces: Workspaces;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-workspaces-")));
  project = join(root, "project");
  mkdirSync(project);
  workspaces = openWorkspaces({ directory: join(root, "runs"), source: project });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text = path): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}

function git(...args: string[]): void {
  const identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"];
  execFileSync("git", [...identity, ...args], { cwd: project, stdio: "pipe" });
}

async function filesOfAJob(): Promise<string[]> {
  await workspaces.snapshot("run");
  return filesIn(await workspaces.create("run", "job", 1));
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();
}

describe("without Git", () => {
  it("gives a job all files but what certainly does not belong to the project", async () => {
    for (const path of ["a", "b/c", ".hidden", ".git/config", ".waybill/db", "node_modules/m/x", "b/node_modules/y"]) {
      write(path);
    }
    expect(await filesOfAJob()).toEqual([".hidden", "a", "b/c"]);
  });

  it("keeps modes, links and empty directories", async () => {
    write("run.sh");
    chmodSync(join(project, "run.sh"), 0o755);
    symlinkSync("run.sh", join(project, "link"));
    symlinkSync("/no/such/target", join(project, "broken"));
    mkdirSync(join(project, "empty"), { mode: 0o700 });
    await workspaces.snapshot("run");
    const workspace = await workspaces.create("run", "job", 1);
    expect(statSync(join(workspace, "run.sh")).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(workspace, "link"))).toBe("run.sh");
    expect(readlinkSync(join(workspace, "broken"))).toBe("/no/such/target");
    expect(statSync(join(workspace, "empty")).mode & 0o777).toBe(0o700);
  });

  it("passes over what is neither file, directory nor link", async () => {
    write("a");
    execFileSync("mkfifo", [join(project, "fifo")]);
    expect(await filesOfAJob()).toEqual(["a"]);
  });

  it("copies a file whose name is no text", async () => {
    const name = Buffer.concat([Buffer.from(`${project}/`), Buffer.from([0x66, 0xff])]);
    writeFileSync(name, "content");
    await workspaces.snapshot("run");
    const workspace = await workspaces.create("run", "job", 1);
    const copy = Buffer.concat([Buffer.from(`${workspace}/`), Buffer.from([0x66, 0xff])]);
    expect(readFileSync(copy, "utf8")).toBe("content");
  });

  it("copies large files whole", async () => {
    for (let i = 0; i < 6; i += 1) write(`large-${i}`, String(i).repeat(1_000_000));
    await workspaces.snapshot("run");
    const workspace = await workspaces.create("run", "job", 1);
    expect(readFileSync(join(workspace, "large-5"), "utf8")).toBe("5".repeat(1_000_000));
  });

  it("does not copy its own directory when that is inside the project", async () => {
    write("a");
    workspaces = openWorkspaces({ directory: join(project, "ci/runs"), source: project });
    expect(await filesOfAJob()).toEqual(["a"]);
  });
});

describe("with files that can be had again", () => {
  const asked: string[] = [];

  beforeEach(() => {
    asked.length = 0;
    const source = {
      isRepeatable: true,
      find: async (runId: string) => {
        asked.push(runId);
        await Promise.resolve();
        return { fill: async (directory: string) => await writeFile(join(directory, "of"), runId) };
      },
    };
    workspaces = openWorkspaces({ directory: join(root, "runs"), source });
  });

  it("gives each run its own files", async () => {
    await workspaces.snapshot("one");
    await workspaces.snapshot("two");
    expect(readFileSync(join(await workspaces.create("one", "job", 1), "of"), "utf8")).toBe("one");
    expect(readFileSync(join(await workspaces.create("two", "job", 1), "of"), "utf8")).toBe("two");
    expect(asked).toEqual(["one", "two"]);
  });

  it("gets them once for jobs that begin together where the snapshot was lost", async () => {
    await workspaces.snapshot("one");
    rmSync(join(root, "runs"), { recursive: true });
    const made = await Promise.all(["a", "b", "c"].map((job) => workspaces.create("one", job, 1)));
    for (const workspace of made) expect(readFileSync(join(workspace, "of"), "utf8")).toBe("one");
    expect(asked).toEqual(["one", "one"]);
  });

  it("leaves no half snapshot behind that looks like a whole one", async () => {
    let fails = true;
    const source = {
      isRepeatable: true,
      find: () =>
        Promise.resolve({
          fill: async (directory: string) => {
            await writeFile(join(directory, "half"), "");
            if (fails) throw new Error("broken off");
            await writeFile(join(directory, "whole"), "");
          },
        }),
    };
    workspaces = openWorkspaces({ directory: join(root, "runs"), source });
    await expect(workspaces.snapshot("one")).rejects.toThrow("broken off");
    fails = false;
    expect(filesIn(await workspaces.create("one", "job", 1))).toEqual(["half", "whole"]);
  });
});

describe("in a Git work tree", () => {
  beforeEach(() => git("init", "-q"));

  it("gives a job all files of a project that lies in an ignored directory of another work tree", async () => {
    execFileSync("git", ["init", "-q", root], { stdio: "pipe" });
    writeFileSync(join(root, ".gitignore"), "project\n");
    write("a");
    write("b/c");
    expect(await filesOfAJob()).toEqual(["a", "b/c"]);
  });

  it("gives a job tracked and new files, but neither ignored nor deleted ones", async () => {
    for (const path of ["tracked", "deleted", "sub/new", "ignored", ".waybill/db"]) write(path);
    write(".gitignore", "ignored\n");
    git("add", "tracked", "deleted");
    rmSync(join(project, "deleted"));
    expect(await filesOfAJob()).toEqual([".gitignore", "sub/new", "tracked"]);
  });

  it("takes files as they are on disk, not as they were committed", async () => {
    write("file", "committed");
    git("add", "file");
    git("commit", "-qm", "x");
    write("file", "changed");
    await workspaces.snapshot("run");
    expect(readFileSync(join(await workspaces.create("run", "job", 1), "file"), "utf8")).toBe("changed");
  });

  it("copies only the project where that is a part of the repository", async () => {
    write("elsewhere");
    write("part/file");
    workspaces = openWorkspaces({ directory: join(root, "runs"), source: join(project, "part") });
    expect(await filesOfAJob()).toEqual(["file"]);
  });

  it("brings the files of submodules and of work trees inside", async () => {
    mkdirSync(join(root, "library"));
    execFileSync("git", ["init", "-q"], { cwd: join(root, "library") });
    writeFileSync(join(root, "library", "code"), "");
    const commit = ["-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-qm", "x"];
    execFileSync("git", ["add", "."], { cwd: join(root, "library") });
    execFileSync("git", commit, { cwd: join(root, "library") });
    git("submodule", "add", "-q", join(root, "library"), "module");
    write("inner/file");
    execFileSync("git", ["init", "-q"], { cwd: join(project, "inner") });
    expect(await filesOfAJob()).toEqual([".gitmodules", "inner/file", "module/code"]);
  });

  it("does not reach through a link for what Git has listed behind it", async () => {
    write("folder/file");
    git("add", "folder/file");
    mkdirSync(join(root, "outside"));
    writeFileSync(join(root, "outside", "file"), "outside");
    rmSync(join(project, "folder"), { recursive: true });
    symlinkSync(join(root, "outside"), join(project, "folder"));
    await workspaces.snapshot("run");
    const workspace = await workspaces.create("run", "job", 1);
    expect(lstatSync(join(workspace, "folder")).isSymbolicLink()).toBe(true);
  });

  it("says what Git says when Git fails", async () => {
    write(".git/config", "[core\n");
    await expect(workspaces.snapshot("run")).rejects.toMatchObject({ code: "WORKSPACE_GIT_FAILED" });
  });

  it("works without Git's help where .git is no repository", async () => {
    rmSync(join(project, ".git"), { recursive: true });
    mkdirSync(join(project, ".git"));
    write("a");
    expect(await filesOfAJob()).toEqual(["a"]);
  });
});

describe("the workspaces of a run", () => {
  it("start from the files as they were when the run began", async () => {
    write("file", "before");
    await workspaces.snapshot("run");
    write("file", "after");
    await workspaces.snapshot("run");
    expect(readFileSync(join(await workspaces.create("run", "job", 1), "file"), "utf8")).toBe("before");
  });

  it("do not see each other's changes", async () => {
    write("file", "same");
    await workspaces.snapshot("run");
    const first = await workspaces.create("run", "one", 1);
    writeFileSync(join(first, "file"), "changed");
    expect(readFileSync(join(await workspaces.create("run", "two", 1), "file"), "utf8")).toBe("same");
  });

  it("are fresh when they are made again", async () => {
    write("file");
    await workspaces.snapshot("run");
    writeFileSync(join(await workspaces.create("run", "job", 1), "left-over"), "");
    expect(filesIn(await workspaces.create("run", "job", 1))).toEqual(["file"]);
  });

  it("can be made by a later process", async () => {
    write("folder/file");
    await workspaces.snapshot("run");
    const later = openWorkspaces({ directory: join(root, "runs"), source: project });
    await later.snapshot("run");
    expect(filesIn(await later.create("run", "job", 1))).toEqual(["folder/file"]);
  });

  it("do not take half a snapshot of a process that died for a whole one", async () => {
    write("a");
    await workspaces.snapshot("run");
    renameSync(join(root, "runs/run/snapshot"), join(root, "runs/run/snapshot.new"));
    rmSync(join(root, "runs/run/snapshot.new/a"));
    expect(await filesOfAJob()).toEqual(["a"]);
  });

  it.each([
    ["build", "Build"],
    ["a b", "a/b"],
    ["..", "."],
    ["ü", "ö"],
  ])("have different directories for the jobs %j and %j", async (one, two) => {
    await workspaces.snapshot("run");
    const first = await workspaces.create("run", one, 1);
    const second = await workspaces.create("run", two, 1);
    expect(first.toLowerCase()).not.toBe(second.toLowerCase());
    expect(dirname(first)).toBe(join(root, "runs/run"));
    expect(dirname(second)).toBe(join(root, "runs/run"));
  });

  it("need a snapshot", async () => {
    await expect(workspaces.create("run", "job", 1)).rejects.toMatchObject({ code: "WORKSPACE_SNAPSHOT_MISSING" });
  });

  it.each([
    ["file", (path: string): void => write(path)],
    ["link", (path: string): void => symlinkSync("target", join(project, path))],
  ])("are not made of a snapshot that has lost a %s", async (path, make) => {
    make(path);
    await workspaces.snapshot("run");
    await workspaces.create("run", "before", 1);
    rmSync(join(root, "runs/run/snapshot", path));
    await expect(workspaces.create("run", "after", 1)).rejects.toMatchObject({ code: "WORKSPACE_SNAPSHOT_MISSING" });
  });

  it("are removed one by one, or all with their run", async () => {
    write("file");
    await workspaces.snapshot("run");
    const workspace = await workspaces.create("run", "job", 1);
    await workspaces.remove(workspace);
    expect(existsSync(workspace)).toBe(false);
    await workspaces.create("run", "job", 2);
    await workspaces.removeRun("run");
    await workspaces.removeRun("run");
    expect(readdirSync(join(root, "runs"))).toEqual([]);
  });

  it("are the only thing that is removed", async () => {
    write("file");
    for (const path of [project, join(root, "runs"), join(root, "runs/run/.."), join(root, "runs/../project/file")]) {
      await expect(workspaces.remove(path)).rejects.toMatchObject({ code: "INTERNAL" });
    }
    expect(existsSync(join(project, "file"))).toBe(true);
  });

  it("say what is wrong with a project that is not there", async () => {
    rmSync(project, { recursive: true });
    await expect(workspaces.snapshot("run")).rejects.toMatchObject({ code: "WORKSPACE_PROJECT_UNREADABLE" });
  });

  it("say what is wrong with a place they cannot be made in", async () => {
    writeFileSync(join(root, "runs"), "");
    await expect(workspaces.snapshot("run")).rejects.toMatchObject({ code: "WORKSPACE_UNUSABLE" });
  });
});
