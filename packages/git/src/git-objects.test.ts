import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync, mkdirSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { GitObjects } from "./git-objects.ts";
import { plainFileOf } from "./plain-file.ts";

const environment = {
  PATH: process.env["PATH"] ?? "",
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.com",
  GIT_COMMITTER_NAME: "Ann",
  GIT_COMMITTER_EMAIL: "ann@example.com",
};
const LARGE = "x".repeat(300_000);

let root: string;
let directory: string;

function git(...args: readonly string[]): string {
  return execFileSync("git", [...args], { cwd: root, env: environment })
    .toString()
    .trim();
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-objects-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  git("init", "--quiet");
  mkdirSync(join(root, "ci"));
  writeFileSync(join(root, "small"), "a\n");
  writeFileSync(join(root, "empty"), "");
  writeFileSync(join(root, "ci", "large"), LARGE);
  symlinkSync("small", join(root, "link"));
  git("add", "--all");
  git("commit", "--quiet", "--message", "one");
  directory = join(root, ".git");
});

function open(timeoutMs = 60_000): GitObjects {
  const objects = new GitObjects({ directory, environment, timeoutMs });
  onTestFinished(() => objects.restart());
  return objects;
}

async function text(objects: GitObjects, expression: string, maxBytes = 1_000_000): Promise<string | null> {
  return (await objects.read(expression, "reading", maxBytes))?.content.toString() ?? null;
}

test("objects come in the order they were asked for, of any size", async () => {
  const objects = open();
  const asked = ["HEAD:small", "HEAD:ci/large", "HEAD:none", "HEAD:empty", "nobody^{commit}", "HEAD:small"];
  expect(await Promise.all(asked.map((each) => text(objects, each)))).toEqual(["a\n", LARGE, null, "", null, "a\n"]);
  expect((await objects.read("HEAD^{commit}", "reading", 9999))?.name).toBe(git("rev-parse", "HEAD"));
});

test("what is too large is said of that object alone", async () => {
  const objects = open();
  const answers = await Promise.allSettled(
    ["HEAD:small", "HEAD:ci/large", "HEAD:empty"].map((each) => text(objects, each, 100)),
  );
  expect(answers).toEqual([
    { status: "fulfilled", value: "a\n" },
    { status: "rejected", reason: expect.objectContaining({ code: "GIT_TOO_LARGE" }) },
    { status: "fulfilled", value: "" },
  ]);
});

test("commits that come later are found", async () => {
  const objects = open();
  expect(await text(objects, "HEAD:later")).toBeNull();
  writeFileSync(join(root, "later"), "b\n");
  git("add", "--all");
  git("commit", "--quiet", "--message", "two");
  git("repack", "-a", "-d", "--quiet");
  expect(await text(objects, "HEAD:later")).toBe("b\n");
});

test("where another repository takes its place, that one is read from then on", async () => {
  const objects = open();
  expect(await text(objects, "HEAD:small")).toBe("a\n");
  renameSync(directory, join(root, "old"));
  git("init", "--quiet");
  objects.restart();
  expect(await text(objects, "HEAD:small")).toBeNull();
});

test.each(["two\nlines", "a\rb"])("a name that is more than a question is none: %j", async (name) => {
  expect(await text(open(), `HEAD:${name}`)).toBeNull();
});

test("a repository that is not there is an error, and so is a Git that is not", async () => {
  rmSync(directory, { recursive: true });
  await expect(text(open(), "HEAD:small")).rejects.toMatchObject({ code: "GIT_FAILED" });
  const without = new GitObjects({ directory, environment: { PATH: root }, timeoutMs: 60_000 });
  await expect(text(without, "HEAD:small")).rejects.toMatchObject({ code: "GIT_NOT_INSTALLED" });
});

test("a program that has asked ends without being told to", () => {
  const script = `
    import { GitObjects } from ${JSON.stringify(join(import.meta.dirname, "git-objects.ts"))};
    const objects = new GitObjects(${JSON.stringify({ directory, environment, timeoutMs: 60_000 })});
    process.stdout.write((await objects.read("HEAD:small", "reading", 100)).content);`;
  const args = ["--input-type=module", "--no-warnings", "--eval", script];
  const { stdout, status, error } = spawnSync(process.execPath, args, { timeout: 20_000, cwd: import.meta.dirname });
  expect([stdout.toString(), status, error]).toEqual(["a\n", 0, undefined]);
});

test("plain files of a tree are found, links and directories are none", async () => {
  const tree = await open().read("HEAD:", "reading", 9999);
  expect(tree === null ? null : plainFileOf(tree, "small")).toBe(git("rev-parse", "HEAD:small"));
  for (const name of ["link", "ci", "none", "smal"]) expect(tree === null ? "" : plainFileOf(tree, name)).toBeNull();
});
