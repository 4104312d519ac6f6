import { describe, expect, test } from "vitest";
import { Bench, REPOSITORY } from "./testing/bench.ts";
import { shaOf } from "./testing/fixtures.ts";

/** A has a slip, B (skipped) has none, C has one; each on top of the one before. */
async function benchWith(): Promise<Bench> {
  const bench = new Bench();
  bench.graph.line(shaOf("A"), shaOf("B"), shaOf("C"));
  bench.graph.ref("main", shaOf("B"));
  await bench.push("A");
  await bench.push("C");
  return bench;
}

describe("the slip that a job belongs to", () => {
  test("is that of its correlation id, before all others", async () => {
    const bench = await benchWith();
    const options = { correlationId: "corr-A", repository: REPOSITORY, ref: shaOf("C") };
    const found = await bench.client.resolveSlip(options);
    expect(found).toMatchObject({
      resolvedBy: "correlation_id",
      matchedCommit: shaOf("A"),
      slip: { slipId: "slip-1" },
    });
    expect(bench.graph.callsOf("ancestry").length).toBe(2);
  });

  test("is that of the nearest ancestor: of a commit without one, the one before", async () => {
    const bench = await benchWith();
    const ofB = await bench.client.resolveSlip({ repository: REPOSITORY, ref: shaOf("B") });
    expect(ofB).toMatchObject({ resolvedBy: "ancestry", matchedCommit: shaOf("A"), slip: { correlationId: "corr-A" } });
    const ofHead = await bench.client.resolveSlip({ repository: REPOSITORY, branch: "main", ref: "HEAD" });
    expect(ofHead).toMatchObject({ resolvedBy: "ancestry", matchedCommit: shaOf("A") });
    expect(bench.graph.callsOf("ancestry").at(-1)?.[1]).toBe("main");
  });

  test("is that of exactly its commit, without a look at the history", async () => {
    const bench = await benchWith();
    bench.graph.fail("ancestry");
    const found = await bench.client.resolveSlip({ repository: REPOSITORY, ref: shaOf("C").toUpperCase() });
    expect(found).toMatchObject({ resolvedBy: "commit_sha", matchedCommit: shaOf("C") });
  });

  test("is found by the beginning of a commit in an image tag", async () => {
    const bench = await benchWith();
    bench.graph.fail("ancestry");
    const imageTag = `webshop:v1-${shaOf("A").slice(0, 9)}`;
    const found = await bench.client.resolveSlip({ repository: REPOSITORY, ref: "main", imageTag });
    expect(found).toMatchObject({ resolvedBy: "image_tag", matchedCommit: shaOf("A").slice(0, 9) });
    expect(bench.log.of("warn").at(-1)).toBe("the history of the ref cannot be read");
  });

  test("is looked for otherwise where there is none of its correlation id", async () => {
    const bench = await benchWith();
    const options = { correlationId: "corr-unknown", repository: REPOSITORY, ref: "main" };
    expect(await bench.client.resolveSlip(options)).toMatchObject({ resolvedBy: "ancestry" });
  });

  test("may be none, with the reasons kept", async () => {
    const bench = await benchWith();
    bench.graph.fail("ancestry");
    const none = bench.client.resolveSlip({ repository: REPOSITORY, ref: "main", imageTag: "webshop:latest" });
    await expect(none).rejects.toMatchObject({
      code: "SLIP_UNRESOLVED",
      message: `no slip found for repository ${REPOSITORY}`,
      cause: { code: "SLIP_HISTORY_UNAVAILABLE" },
    });
  });

  test("is not said to be none where the store does not answer", async () => {
    const bench = await benchWith();
    bench.store.fail("findAllByCommits", new Error("gone"));
    const options = { repository: REPOSITORY, ref: "main" };
    await expect(bench.client.resolveSlip(options)).rejects.toMatchObject({ code: "SLIP_OPERATION_FAILED" });
  });

  test.each(["webshop", "", "/webshop"])("needs a repository: %j", async (repository) => {
    const bench = await benchWith();
    await expect(bench.client.resolveSlip({ repository, ref: "main" })).rejects.toMatchObject({
      code: "SLIP_REPOSITORY_INVALID",
    });
  });

  test("is found 25 commits back at once, and 100 with a second look", async () => {
    const bench = new Bench();
    const commits = Array.from({ length: 130 }, (_, index) => shaOf(`n${index}`));
    bench.graph.line(...commits);
    await bench.push("n110");
    const calls = (): number => bench.graph.callsOf("ancestry").length;
    const before = calls();
    await bench.client.resolveSlip({ repository: REPOSITORY, ref: shaOf("n120") });
    expect(calls() - before).toBe(1);
    bench.graph.commit("tip", [shaOf("n129")]);
    await bench.push("n60", { correlationId: "corr-n60" });
    const far = await bench.client.resolveSlip({ repository: REPOSITORY, ref: shaOf("n109") });
    expect(far).toMatchObject({ matchedCommit: shaOf("n60") });
    const [, second] = bench.graph.callsOf("ancestry").slice(-2);
    expect(second?.[2]).toEqual({ limit: 75, skip: 25 });
  });
});
