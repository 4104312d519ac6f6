import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHistory, openMirrors } from "@waybill/git";
import { MemorySlipStore, SlipClient, type CommitGraph, type PushOptions, type Slip } from "@waybill/slip";
import { RecordedLog } from "@waybill/slip/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { gitCommitGraph } from "./git-commit-graph.ts";

const REPOSITORY = "octo-org/webshop";

let root: string;
let remote: string;
let graph: CommitGraph;
let client: SlipClient;
let log: RecordedLog;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-lineage-")));
  remote = join(root, "remote");
  mkdirSync(remote);
  git("init", "-q", "-b", "main");
  const mirror = openMirrors(join(root, "mirrors")).of(`file://${remote}`);
  graph = gitCommitGraph({
    historyOf: (repository) => (repository === REPOSITORY ? mirror.history : null),
    update: () => mirror.update(),
  });
  log = new RecordedLog();
  client = new SlipClient({ store: new MemorySlipStore(), graph, logger: log });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function git(...args: readonly string[]): string {
  const settings = ["user.name=T", "user.email=t@example.com", "commit.gpgsign=false", "core.fsync=none"];
  const options = settings.flatMap((setting) => ["-c", setting]);
  return execFileSync("git", [...options, ...args], { cwd: remote, stdio: "pipe" })
    .toString()
    .trim();
}

/** A commit that adds a line to a file. */
function commit(file: string, message = `change ${file}`): string {
  writeFileSync(join(remote, file), `${message}\n`, { flag: "a" });
  git("add", "--all");
  git("commit", "-qm", message);
  return git("rev-parse", "HEAD");
}

function branch(name: string, from = "main"): void {
  git("checkout", "-q", "-b", name, from);
}

function on(name: string): void {
  git("checkout", "-q", name);
}

/** As a forge keeps it, whatever becomes of the branch. */
function openPull(number: number, head: string): void {
  git("update-ref", `refs/pull/${number}/head`, head);
}

function squash(head: string, message: string): string {
  git("merge", "-q", "--squash", head);
  git("commit", "-qm", message);
  return git("rev-parse", "HEAD");
}

async function push(commitSha: string, name: string, fields: Partial<PushOptions> = {}): Promise<Slip> {
  const commitMessage = git("log", "-1", "--format=%B", commitSha);
  const options = { correlationId: commitSha, repository: REPOSITORY, commitSha, branch: name, commitMessage };
  const slip = await client.createSlipForPush({ ...options, ...fields });
  if (slip === null) throw new Error("no slip was made");
  return slip;
}

async function status(sha: string): Promise<string | undefined> {
  return (await client.load(sha))?.status;
}

/** The chain of a slip by links, with commits under the names they have here. */
function chain(slip: Slip, names: Readonly<Record<string, string>>): readonly string[] {
  const byCommit = new Map(Object.entries(names).map(([name, sha]) => [sha, name]));
  return slip.ancestry.map(({ commitSha, link }) => `${byCommit.get(commitSha) ?? commitSha} ${link}`);
}

describeWith("git", "lineage in real repositories", () => {
  test("a squash merge promotes the feature, though main went on and the branch is gone", async () => {
    const m1 = commit("a");
    await push(m1, "main");
    branch("feature");
    const f1 = commit("f");
    await push(f1, "feature");
    const f2 = commit("f", "[skip ci] more");
    openPull(1, f2);
    on("main");
    const m2 = commit("b");
    await push(m2, "main");
    const s = squash("feature", "Add feature (#1)");
    git("branch", "-qD", "feature");
    const slip = await push(s, "main");
    expect(await client.load(f1)).toMatchObject({ status: "promoted", promotedTo: s });
    expect([await status(m1), await status(m2)]).toEqual(["abandoned", "abandoned"]);
    expect(chain(slip, { m1, m2, f1 })).toEqual(["m1 git", "m2 git", "f1 squash"]);
    expect(log.of("warn")).toEqual([]);
  });

  test("a true merge promotes what its pull request or its message names", async () => {
    const m1 = commit("a");
    await push(m1, "main");
    branch("one");
    const f1 = commit("f");
    await push(f1, "one");
    openPull(7, f1);
    on("main");
    git("merge", "-q", "--no-ff", "-m", "Merge pull request #7 from octo-org/one", "one");
    const merge = git("rev-parse", "HEAD");
    const slip = await push(merge, "main");
    expect([await status(m1), await status(f1)]).toEqual(["abandoned", "promoted"]);
    expect(chain(slip, { m1, f1 })).toEqual(["m1 git", "f1 git"]);

    branch("two");
    const g1 = commit("g");
    await push(g1, "two");
    on("main");
    commit("b");
    git("merge", "-q", "--no-ff", "-m", "Merge branch 'two'", "two");
    await push(git("rev-parse", "HEAD"), "main");
    expect([await status(merge), await status(g1)]).toEqual(["abandoned", "promoted"]);
  });

  test("a rebased branch that is forced links what it replaces; then its rebase merge promotes it", async () => {
    const m1 = commit("a");
    await push(m1, "main");
    branch("feature");
    const f1 = commit("f");
    await push(f1, "feature");
    on("main");
    const m2 = commit("b");
    await push(m2, "main");
    on("feature");
    git("rebase", "-q", "main");
    const f2 = git("rev-parse", "HEAD");
    expect(f2).not.toBe(f1);
    const rebased = await push(f2, "feature", { before: f1, forced: true });
    expect(chain(rebased, { m1, m2, f1 })).toEqual(["m1 git", "m2 git", "f1 rewrite"]);
    expect([await status(f1), await status(m2)]).toEqual(["abandoned", "in_progress"]);

    git("commit", "-q", "--amend", "-m", "amended");
    const f3 = git("rev-parse", "HEAD");
    await push(f3, "feature", { before: f2, forced: true });
    expect([await status(f2), await status(f3)]).toEqual(["abandoned", "in_progress"]);

    openPull(3, f3);
    on("main");
    commit("c");
    git("cherry-pick", "--allow-empty", f3);
    git("commit", "-q", "--amend", "-m", "change f (#3)");
    const s = git("rev-parse", "HEAD");
    await push(s, "main", { before: m2, forced: false });
    expect(await client.load(f3)).toMatchObject({ status: "promoted", promotedTo: s });
  });

  test("a cherry-pick is linked to its source, and ends nothing", async () => {
    const m1 = commit("a");
    await push(m1, "main");
    branch("release", m1);
    on("main");
    const fix = commit("fix");
    await push(fix, "main");
    on("release");
    git("cherry-pick", "-x", fix);
    const picked = git("rev-parse", "HEAD");
    const slip = await push(picked, "release");
    expect(chain(slip, { m1, fix })).toEqual(["fix cherry_pick", "m1 git"]);
    expect(await status(fix)).toBe("in_progress");
  });

  test("of nested pull requests the one that has a slip is promoted", async () => {
    await push(commit("a"), "main");
    branch("dev");
    branch("feature", "dev");
    const f1 = commit("f");
    await push(f1, "feature");
    openPull(90, f1);
    on("dev");
    const d = squash("feature", "Add feature (#90)");
    openPull(100, d);
    on("main");
    const s = squash("dev", "Release (#100): Add feature (#90)");
    await push(s, "main");
    expect(await client.load(f1)).toMatchObject({ status: "promoted", promotedTo: s });
  });

  test("what a message only mentions is not promoted", async () => {
    await push(commit("a"), "main");
    branch("open");
    const f1 = commit("f");
    await push(f1, "open");
    openPull(42, f1);
    on("main");
    await push(commit("b", "Prepares for (#42), see (#43)"), "main");
    expect(await status(f1)).toBe("in_progress");
  });

  test("a squash by hand that says nothing is linked by its files", async () => {
    const m1 = commit("a");
    await push(m1, "main");
    branch("feature");
    const f1 = commit("f");
    await push(f1, "feature");
    on("main");
    const s = squash("feature", "all of it");
    expect(chain(await push(s, "main"), { m1, f1 })).toEqual(["m1 git", "f1 squash"]);
    expect(await status(f1)).toBe("in_progress");
  });

  test("a job finds the slip behind its checkout, without a mirror", async () => {
    const m1 = commit("a");
    await push(m1, "main");
    commit("a", "[skip ci] x");
    const history = openHistory(remote);
    const local = new SlipClient({
      store: new MemorySlipStore(),
      graph: gitCommitGraph({ historyOf: () => history }),
    });
    await local.createSlipForPush({ correlationId: "c", repository: REPOSITORY, commitSha: m1 });
    const found = await local.resolveSlip({ repository: REPOSITORY, ref: "HEAD" });
    expect(found).toMatchObject({ resolvedBy: "ancestry", matchedCommit: m1 });
    // The configuration is the user's, and merging could start what it names.
    expect(await history.contains(m1, m1)).toBeNull();
  });

  test("ten thousand commits are read in parts, and none is read twice", async () => {
    const stream = Array.from(
      { length: 10_000 },
      (_, index) =>
        `commit refs/heads/main\nmark :${index + 1}\ncommitter T <t@example.com> ${1_700_000_000 + index} +0000\n` +
        `data 1\nx\n${index === 0 ? "" : `from :${index}\n`}`,
    ).join("");
    execFileSync("git", ["fast-import", "--quiet"], { cwd: remote, input: stream });
    const all = git("rev-list", "main").split("\n");
    const head = all[0] ?? "";
    expect(await graph.ancestry(REPOSITORY, "main", { limit: 100 })).toEqual(all.slice(0, 100));
    expect(await graph.ancestry(REPOSITORY, head, { limit: 75, skip: 25 })).toEqual(all.slice(25, 100));
    expect(await graph.ancestry(REPOSITORY, head, { limit: 9_999, excluding: all[50] ?? "" })).toEqual(
      all.slice(0, 50),
    );
    expect((await graph.trees(REPOSITORY, all.slice(0, 1_500))).size).toBe(1_500);
    await push(all[9_500] ?? "", "main", { commitMessage: "" });
    const deep = { repository: REPOSITORY, ref: head };
    await expect(client.resolveSlip(deep)).rejects.toMatchObject({ code: "SLIP_UNRESOLVED" });
  });

  test("names that are no refs, and commits that are not there, find nothing and start nothing", async () => {
    const sha = commit("a");
    for (const ref of ["--output=x", "main..main", "-n1", "$(touch pwned)", "main;id", "a b", "", "main@{1}", ":/a"]) {
      expect(await graph.ancestry(REPOSITORY, ref, { limit: 5 })).toEqual([]);
    }
    const nobody = "0".repeat(39) + "1";
    expect(await graph.ancestry(REPOSITORY, nobody, { limit: 5 })).toEqual([]);
    expect(await graph.isAncestor(REPOSITORY, nobody, sha)).toBeNull();
    expect(await graph.isAncestor(REPOSITORY, "--help", sha)).toBeNull();
    expect(await graph.parents(REPOSITORY, nobody)).toEqual([]);
    expect(await graph.isMergeOf(REPOSITORY, sha, nobody)).toBeNull();
    expect(await graph.pullRequest(REPOSITORY, 5)).toBeNull();
    expect(await graph.ancestry("octo-org/other", "main", { limit: 5 })).toEqual([]);
    expect(readdirSync(remote).toSorted()).toEqual([".git", "a"]);
    await expect(graph.parents(REPOSITORY, sha, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });

  test("a history that cannot be fetched is an error of its own, and a push gets its slip all the same", async () => {
    const sha = commit("a");
    rmSync(join(remote, ".git"), { recursive: true });
    await expect(graph.ancestry(REPOSITORY, sha, { limit: 5 })).rejects.toMatchObject({
      code: "SLIP_HISTORY_UNAVAILABLE",
      cause: { code: "GIT_UNREACHABLE" },
    });
    const options = { correlationId: "c", repository: REPOSITORY, commitSha: sha };
    expect((await client.createSlipForPush(options))?.status).toBe("in_progress");
    expect(log.of("warn").length).toBeGreaterThan(0);
  });
});
