import { describe, expect, test } from "vitest";
import type { SlipClientOptions } from "../client.ts";
import { NO_IDENTITY } from "../repositories/identity.ts";
import { chainOf, type Slip } from "../slip.ts";
import { Bench, REPOSITORY } from "../testing/bench.ts";

/** Commits are called by their names here, and pushed under them. */
async function push(bench: Bench, name: string, fields: Parameters<Bench["push"]>[1] = {}): Promise<Slip> {
  bench.clock.advance(1_000);
  return await bench.push(name, { commitSha: name, ...fields });
}

function line(bench: Bench, ...names: readonly string[]): void {
  bench.graph.line(...names);
}

const FEATURE = { branch: "feature" };

describe("resolve and abandon", () => {
  test("no ancestor", async () => {
    const bench = new Bench();
    line(bench, "a");
    expect((await push(bench, "a")).ancestry).toEqual([]);
  });

  test("one: it is abandoned, and the chain goes through it", async () => {
    const bench = new Bench();
    line(bench, "a", "b");
    await push(bench, "a");
    const slip = await push(bench, "b");
    expect(chainOf(slip)).toEqual(["a"]);
    expect((await bench.slip("a")).status).toBe("abandoned");
    expect((await bench.history("a")).at(-1)).toBe("slip abandoned by slippy-library: superseded by corr-b");
  });

  test("several: only the nearest that has not ended is abandoned", async () => {
    const bench = new Bench();
    line(bench, "a", "b", "c", "d");
    const isolated = { store: bench.store, clock: bench.clock };
    for (const name of ["a", "b", "c"])
      await push(
        new Bench({ ...isolated, graph: null, eventIds: { next: () => name }, slipIds: { next: () => name } }),
        name,
      );
    await bench.client.cancelSlip("corr-c", "x");
    await push(bench, "d");
    expect(await statuses(bench, "a", "b", "c")).toEqual(["in_progress", "abandoned", "cancelled"]);
  });

  test("all ended: none is abandoned, and the chain goes through them all the same", async () => {
    const bench = new Bench();
    line(bench, "a", "b");
    await push(bench, "a");
    await bench.client.failStep("corr-a", "dev_tests", "", "flaky");
    const { ancestry } = await push(bench, "b");
    expect(await statuses(bench, "a")).toEqual(["failed"]);
    expect(ancestry).toEqual([
      {
        commitSha: "a",
        repository: REPOSITORY,
        correlationId: "corr-a",
        status: "failed",
        failedStep: "dev_tests",
        link: "git",
      },
    ]);
  });

  test("a chain has its parent's in it, oldest first, each commit once, and no more than it may", async () => {
    const bench = new Bench();
    line(bench, "a", "skipped", "b", "c", "d");
    for (const name of ["a", "b", "c"]) await push(bench, name);
    expect(chainOf(await push(bench, "d"))).toEqual(["a", "b", "c"]);
    const short = new Bench({
      store: bench.store,
      graph: bench.graph,
      lineage: { chainLimit: 2 },
      slipIds: { next: () => "e" },
    });
    bench.graph.commit("e", ["d"]);
    expect(chainOf(await push(short, "e"))).toEqual(["c", "d"]);
  });

  test("what another branch has is not abandoned", async () => {
    const bench = new Bench();
    line(bench, "a", "f");
    await push(bench, "a");
    const slip = await push(bench, "f", FEATURE);
    expect(chainOf(slip)).toEqual(["a"]);
    expect(await statuses(bench, "a")).toEqual(["in_progress"]);
  });

  test.each(["ancestry", "parents", "pullRequest", "isAncestor", "trees", "upstream", "isMergeOf"] as const)(
    "a push gets its slip where %s fails",
    async (method) => {
      const bench = new Bench();
      line(bench, "a", "b");
      await push(bench, "a");
      bench.graph.fail(method);
      const slip = await push(bench, "b", { commitMessage: "x (#1)", before: "z", forced: true });
      expect(slip.status).toBe("in_progress");
    },
  );

  test("a push gets its slip where its ancestors cannot be looked up or marked", async () => {
    const bench = new Bench();
    line(bench, "a", "b", "c");
    await push(bench, "a");
    bench.store.fail("findAllByCommits", new Error("gone"));
    expect((await push(bench, "b")).ancestry).toEqual([]);
    bench.store.fail("findAllByCommits", null);
    bench.store.fail("append", new Error("gone"));
    expect(chainOf(await push(bench, "c"))).toEqual(["b"]);
    expect(bench.log.of("error")).toContain("an ancestor could not be marked");
  });

  test("nothing is abandoned for a slip that could not be made", async () => {
    const bench = new Bench();
    line(bench, "a", "b");
    await push(bench, "a");
    bench.store.fail("create", new Error("disk full"));
    await expect(push(bench, "b")).rejects.toThrow("disk full");
    expect(await statuses(bench, "a")).toEqual(["in_progress"]);
  });
});

describe("progressive depth", () => {
  async function benchWith(options: Partial<SlipClientOptions> = {}): Promise<Bench> {
    const bench = new Bench(options);
    line(bench, ...Array.from({ length: 200 }, (_, index) => `n${index}`));
    return bench;
  }

  test("found among 25 takes one look", async () => {
    const bench = await benchWith();
    await push(bench, "n180");
    const before = bench.graph.callsOf("ancestry").length;
    expect(chainOf(await push(bench, "n199"))).toEqual(["n180"]);
    expect(bench.graph.callsOf("ancestry").length - before).toBe(1);
  });

  test("found among 100 alone takes two", async () => {
    const bench = await benchWith();
    await push(bench, "n110");
    const before = bench.graph.callsOf("ancestry").length;
    expect(chainOf(await push(bench, "n199"))).toEqual(["n110"]);
    expect(bench.graph.callsOf("ancestry").length - before).toBe(2);
  });

  test("E8: further away is not found, unless the depth is raised", async () => {
    const bench = await benchWith();
    await push(bench, "n50");
    expect((await push(bench, "n199")).ancestry).toEqual([]);
    const deep = await benchWith({ lineage: { maxDepth: 500 } });
    await push(deep, "n50");
    expect(chainOf(await push(deep, "n199"))).toEqual(["n50"]);
  });

  test.each([[{ maxDepth: 25 }], [{ depth: 25, maxDepth: 10 }]])(
    "no second look where there is no more: %j",
    async (lineage) => {
      const bench = await benchWith({ lineage });
      await push(bench, "n199");
      expect(bench.graph.callsOf("ancestry")).toHaveLength(1);
      const short = new Bench();
      line(short, "a", "b");
      await push(short, "b");
      expect(short.graph.callsOf("ancestry")).toHaveLength(1);
    },
  );
});

describe("squash-merge promotion", () => {
  /** A branch of two commits on `a`, and `main` after it was squashed there. */
  function squashed(bench: Bench): void {
    line(bench, "a", "f1", "f2");
    bench.graph.commit("s", ["a"], "tree of f2");
  }

  test("create for push: the feature's slip is promoted to the new one, which has both in its chain", async () => {
    const bench = new Bench();
    squashed(bench);
    await push(bench, "a");
    await push(bench, "f1", FEATURE);
    await push(bench, "f2", FEATURE);
    bench.graph.setPullRequest(42, { headSha: "f2", headBranch: "feature", mergeCommitSha: "s" });
    const slip = await push(bench, "s", { commitMessage: "Add feature (#42)" });
    expect(await bench.slip("f2")).toMatchObject({ status: "promoted", promotedTo: "corr-s" });
    expect((await bench.history("f2")).at(-1)).toBe("slip promoted by slippy-library: promoted to corr-s");
    expect(slip.ancestry.map(({ commitSha, link }) => `${commitSha} ${link}`)).toEqual([
      "a git",
      "f1 git",
      "f2 squash",
    ]);
    expect(await statuses(bench, "a", "f1")).toEqual(["abandoned", "abandoned"]);
  });

  test("also where git has no ancestor at all", async () => {
    const bench = new Bench();
    line(bench, "f1");
    bench.graph.commit("s", [], "tree of f1");
    await push(bench, "f1", FEATURE);
    bench.graph.setPullRequest(42, { headSha: "f1", headBranch: "feature", mergeCommitSha: "s" });
    const slip = await push(bench, "s", { commitMessage: "Add feature (#42)" });
    expect(chainOf(slip)).toEqual(["f1"]);
    expect(await statuses(bench, "f1")).toEqual(["promoted"]);
  });

  test("walks back where the last commit of the branch had no slip", async () => {
    const bench = new Bench();
    squashed(bench);
    await push(bench, "f1", FEATURE);
    bench.graph.setPullRequest(42, { headSha: "f2", headBranch: "feature", mergeCommitSha: "s" });
    await push(bench, "s", { commitMessage: "Add feature (#42)" });
    expect(await statuses(bench, "f1")).toEqual(["promoted"]);
  });

  test("does not walk past where the branch began", async () => {
    const bench = new Bench();
    squashed(bench);
    bench.graph.commit("m", ["a"]);
    bench.graph.commit("s2", ["m"], "tree of f2");
    await push(bench, "a", { branch: "release" });
    bench.graph.setPullRequest(42, { headSha: "f2", headBranch: "feature", mergeCommitSha: "s2" });
    await push(bench, "s2", { commitMessage: "Add feature (#42)" });
    expect(await statuses(bench, "a")).toEqual(["in_progress"]);
  });

  test("multiple PR numbers: what #100 does not have, #90 does (E6)", async () => {
    const bench = new Bench();
    line(bench, "a", "f");
    bench.graph.commit("d", ["a"], "tree of f");
    bench.graph.commit("s", ["a"], "tree of f");
    await push(bench, "f", FEATURE);
    bench.graph.setPullRequest(100, { headSha: "d", headBranch: "dev", mergeCommitSha: "s" });
    bench.graph.setPullRequest(90, { headSha: "f", headBranch: "feature", mergeCommitSha: "d" });
    await push(bench, "s", { commitMessage: "Release (#100) of feature (#90)" });
    expect(await statuses(bench, "f")).toEqual(["promoted"]);
    const [first, second] = bench.graph.callsOf("pullRequest");
    expect([first?.[1], second?.[1]]).toEqual([100, 90]);
  });

  test("a number that is no merged pull request promotes nothing, unless that is asked for", async () => {
    const bench = new Bench();
    line(bench, "a", "f");
    bench.graph.commit("s", ["a"]);
    bench.graph.commit("t", ["s"]);
    await push(bench, "f", FEATURE);
    bench.graph.setPullRequest(7, { headSha: "f", headBranch: "feature", isMerged: false });
    await push(bench, "s", { commitMessage: "See (#7) and (#8)" });
    expect(await statuses(bench, "f")).toEqual(["in_progress"]);
    const lenient = new Bench({
      store: bench.store,
      graph: bench.graph,
      lineage: { acceptsUnmerged: true },
      slipIds: { next: () => "t" },
      eventIds: { next: () => "t" },
    });
    await push(lenient, "t", { commitMessage: "See (#7)" });
    expect(await statuses(bench, "f")).toEqual(["promoted"]);
  });

  test("what was merged as this commit goes before what was merged before", async () => {
    const bench = new Bench();
    line(bench, "a", "f");
    bench.graph.commit("g", ["a"]);
    bench.graph.commit("s", ["a"], "tree of g");
    await push(bench, "f", FEATURE);
    await push(bench, "g", { branch: "other" });
    bench.graph.setPullRequest(42, { headSha: "f", headBranch: "feature", mergeCommitSha: "elsewhere" });
    bench.graph.setPullRequest(50, { headSha: "g", headBranch: "other", mergeCommitSha: "s" });
    await push(bench, "s", { commitMessage: "Fix what (#42) broke (#50)" });
    expect(await statuses(bench, "f", "g")).toEqual(["in_progress", "promoted"]);
  });

  test("a feature that had failed stays failed, and is in the chain", async () => {
    const bench = new Bench();
    squashed(bench);
    await push(bench, "f2", FEATURE);
    await bench.client.failStep("corr-f2", "dev_deploy", "", "x");
    bench.graph.setPullRequest(42, { headSha: "f2", headBranch: "feature", mergeCommitSha: "s" });
    const slip = await push(bench, "s", { commitMessage: "(#42)" });
    expect(await bench.slip("f2")).toMatchObject({ status: "failed", promotedTo: "" });
    expect(slip.ancestry.at(-1)).toMatchObject({ commitSha: "f2", failedStep: "dev_deploy", link: "squash" });
  });

  test("a true merge promotes what git reaches through its second parent", async () => {
    const bench = new Bench();
    line(bench, "a", "f");
    bench.graph.commit("m", ["a", "f"]);
    await push(bench, "a");
    await push(bench, "f", FEATURE);
    bench.graph.setPullRequest(42, { headSha: "f", headBranch: "feature", mergeCommitSha: "m" });
    const slip = await push(bench, "m", { commitMessage: "Merge pull request #42 from octo-org/feature" });
    expect(await statuses(bench, "a", "f")).toEqual(["abandoned", "promoted"]);
    expect(slip.ancestry.map(({ commitSha, link }) => `${commitSha} ${link}`)).toEqual(["a git", "f git"]);
  });

  test("so does a merge by hand, by the branch it names", async () => {
    const bench = new Bench();
    line(bench, "a", "f");
    bench.graph.commit("m", ["a", "f"]);
    await push(bench, "f", FEATURE);
    await push(bench, "m", { commitMessage: "Merge branch 'feature'" });
    expect(await statuses(bench, "f")).toEqual(["promoted"]);
  });
});

describe("history that was written anew", () => {
  test("E1, E3, E4: what the branch had before is linked and abandoned", async () => {
    const bench = new Bench();
    line(bench, "a", "f1");
    bench.graph.commit("f1-amended", ["a"]);
    await push(bench, "f1", FEATURE);
    const slip = await push(bench, "f1-amended", { ...FEATURE, before: "f1", forced: true });
    expect(slip.ancestry).toMatchObject([{ commitSha: "f1", link: "rewrite" }]);
    expect(await statuses(bench, "f1")).toEqual(["abandoned"]);
  });

  test("or the nearest slip behind it", async () => {
    const bench = new Bench();
    line(bench, "a", "f1", "f2");
    bench.graph.commit("g", ["a"]);
    await push(bench, "a");
    await push(bench, "f1", FEATURE);
    const slip = await push(bench, "g", { ...FEATURE, before: "f2", forced: true });
    expect(slip.ancestry.map(({ commitSha, link }) => `${commitSha} ${link}`)).toEqual(["a git", "f1 rewrite"]);
    expect(await statuses(bench, "a", "f1")).toEqual(["in_progress", "abandoned"]);
  });

  test("also where the old commit is gone", async () => {
    const bench = new Bench();
    line(bench, "a", "b");
    await push(bench, "gone", FEATURE);
    const slip = await push(bench, "b", { ...FEATURE, before: "gone", forced: true });
    expect(slip.ancestry).toMatchObject([{ commitSha: "gone", link: "rewrite" }]);
  });

  test("a push forward, a new branch and a first commit are none", async () => {
    const bench = new Bench();
    line(bench, "a", "b", "c");
    await push(bench, "a");
    expect((await push(bench, "b", { before: "a", forced: true })).ancestry).toMatchObject([{ link: "git" }]);
    const slip = await push(bench, "c", { ...FEATURE, before: "0".repeat(40) });
    expect(slip.ancestry.map(({ link }) => link)).toEqual(["git", "git"]);
    expect(await statuses(bench, "b")).toEqual(["in_progress"]);
  });

  test("wording alone warns, and changes nothing", async () => {
    const bench = new Bench();
    line(bench, "a");
    await push(bench, "a", { commitMessage: `Rebase ${"x".repeat(200)}` });
    const warned = bench.log.lines.find(({ level }) => level === "warn");
    expect(warned?.fields["message_snippet"]).toHaveLength(100);
    expect(warned?.fields).toMatchObject({ repository: REPOSITORY, commit: "a" });
  });
});

describe("links without consequences", () => {
  test("E2: a cherry-pick is linked to its source, which goes on", async () => {
    const bench = new Bench();
    const source = "c".repeat(40);
    line(bench, "a", source);
    bench.graph.commit("p", ["a"]);
    await push(bench, source, FEATURE);
    const commitMessage = `Fix\n\n(cherry picked from commit ${source})`;
    const slip = await push(bench, "p", { branch: "release", commitMessage });
    expect(slip.ancestry).toMatchObject([{ commitSha: source, link: "cherry_pick" }]);
    expect(await statuses(bench, source)).toEqual(["in_progress"]);
    expect(bench.log.of("warn")).toContain("Cherry-pick detected - ancestry chain may be broken");
  });

  test("E7: a squash by hand is linked by its files, and promotes nothing", async () => {
    const bench = new Bench();
    line(bench, "a", "f");
    bench.graph.commit("s", ["a"], "tree of f");
    await push(bench, "f", FEATURE);
    const slip = await push(bench, "s", { commitMessage: "All of it" });
    expect(slip.ancestry).toMatchObject([{ commitSha: "f", link: "squash" }]);
    expect(await statuses(bench, "f")).toEqual(["in_progress"]);
  });
});

describe("E5: forks", () => {
  const FORK = { repository: "mona/webshop" };

  test("slips are under the name of the upstream, and keep their own", async () => {
    const bench = new Bench();
    bench.graph.setUpstream("mona/webshop", REPOSITORY);
    line(bench, "f");
    const slip = await push(bench, "f", { repository: "https://github.com/Mona/webshop.git" });
    expect(slip).toMatchObject({ repository: REPOSITORY, sourceRepository: "Mona/webshop" });
    await push(bench, "g", FORK);
    expect(bench.graph.callsOf("upstream")).toHaveLength(1);
  });

  test("a table of forks goes before what the forge says", async () => {
    const identity = { ...NO_IDENTITY, forks: { "Mona/Webshop": "octo-org/other" } };
    const bench = new Bench({ identity });
    bench.graph.setUpstream("mona/webshop", REPOSITORY);
    expect((await push(bench, "f", FORK)).repository).toBe("octo-org/other");
    expect(bench.graph.callsOf("upstream")).toEqual([]);
  });

  test("a push to a fork ends nothing of the upstream, whatever it calls its branch and commit", async () => {
    const bench = new Bench({ identity: { ...NO_IDENTITY, forks: { "mona/webshop": REPOSITORY } } });
    line(bench, "a", "f1", "f2");
    await push(bench, "a");
    bench.graph.setPullRequest(1, { headSha: "a", mergeCommitSha: "f1" });
    const slip = await push(bench, "f1", { ...FORK, commitMessage: "(#1)", before: "a", forced: true });
    expect(chainOf(slip)).toEqual(["a"]);
    expect(await statuses(bench, "a")).toEqual(["in_progress"]);
    await push(bench, "f2", FORK);
    expect(await statuses(bench, "a", "f1")).toEqual(["in_progress", "abandoned"]);
  });

  test("a merge into the upstream promotes the slip of the fork", async () => {
    const bench = new Bench({ identity: { ...NO_IDENTITY, forks: { "mona/webshop": REPOSITORY } } });
    line(bench, "a", "f");
    bench.graph.commit("s", ["a"], "tree of f");
    await push(bench, "f", FORK);
    bench.graph.setPullRequest(1, {
      headSha: "f",
      headBranch: "main",
      headRepository: "mona/webshop",
      mergeCommitSha: "s",
    });
    await push(bench, "s", { commitMessage: "x (#1)" });
    expect(await statuses(bench, "f")).toEqual(["promoted"]);
  });
});

describe("E9: other names of a repository", () => {
  const alias = { from: "octo-org/shop", to: REPOSITORY, kind: "rename", since: null, commits: {} } as const;

  test("a renamed one has the slips of its old name in its chains, and leaves them alone", async () => {
    const bench = new Bench({ identity: { ...NO_IDENTITY, aliases: [alias] } });
    line(bench, "a", "b", "c");
    await push(bench, "a", { repository: "octo-org/shop" });
    const slip = await push(bench, "b");
    expect(slip.ancestry).toMatchObject([{ commitSha: "a", repository: "octo-org/shop" }]);
    expect(await statuses(bench, "a")).toEqual(["in_progress"]);
    const found = await bench.client.resolveSlip({ repository: "octo-org/shop", ref: "c" });
    expect(found?.matchedCommit).toBe("b");
  });

  test("they are ended where that is asked for", async () => {
    const identity = { ...NO_IDENTITY, aliases: [alias] };
    const bench = new Bench({ identity, lineage: { isAcrossRepositories: true } });
    line(bench, "a", "b");
    await push(bench, "a", { repository: "octo-org/shop" });
    const { ancestry } = await push(bench, "b");
    expect(ancestry).toHaveLength(1);
    expect(await statuses(bench, "a")).toEqual(["abandoned"]);
  });

  test("a history that goes on under other names of commits is found by the table, or by its end", async () => {
    const moved = { ...alias, kind: "continues", since: 1_500_000, commits: { "a-new": "a" } } as const;
    const bench = new Bench({ identity: { ...NO_IDENTITY, aliases: [moved] } });
    line(bench, "a-new", "b");
    await push(bench, "a", { repository: "octo-org/shop" });
    expect(chainOf(await push(bench, "b"))).toEqual(["a"]);

    const untabled = new Bench({ identity: { ...NO_IDENTITY, aliases: [{ ...moved, commits: {} }] } });
    line(untabled, "x", "y");
    await push(untabled, "a", { repository: "octo-org/shop" });
    expect(chainOf(await push(untabled, "y"))).toEqual(["a"]);
    expect(await statuses(untabled, "a")).toEqual(["in_progress"]);
  });
});

async function statuses(bench: Bench, ...names: readonly string[]): Promise<readonly string[]> {
  return await Promise.all(names.map(async (name) => (await bench.slip(name)).status));
}
