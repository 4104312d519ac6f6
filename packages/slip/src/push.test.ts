import { describe, expect, test } from "vitest";
import type { PushOptions } from "./push.ts";
import { parseRepositoryFilter } from "./repositories/filter.ts";
import { Bench, REPOSITORY } from "./testing/bench.ts";
import { shaOf } from "./testing/fixtures.ts";

describe("a new push", () => {
  test("U15: gets a slip whose first step runs", async () => {
    const bench = new Bench();
    const components = [{ name: "svc-a", dockerfilePath: "a/Dockerfile" }];
    const slip = await bench.push("a", { components });
    expect(bench.store.callsOf("create")).toHaveLength(1);
    expect(slip).toMatchObject({
      slipId: "slip-1",
      correlationId: "corr-a",
      repository: REPOSITORY,
      branch: "main",
      status: "in_progress",
      createdAt: 1_000_000,
      updatedAt: 1_000_000,
      promotedTo: "",
      ancestry: [],
    });
    expect(slip.components).toEqual([
      { ...components[0], statuses: { build: "pending", unit_test: "pending" }, imageTag: "" },
    ]);
    expect(Object.entries(slip.steps).map(([name, { status }]) => `${name} ${status}`)).toEqual([
      "push_parsed running",
      "builds_completed pending",
      "unit_tests_completed pending",
      "secret_scan_completed pending",
      "dev_deploy pending",
      "dev_tests pending",
      "preprod_deploy pending",
      "preprod_tests pending",
      "prod_release_created pending",
      "prod_deploy pending",
      "prod_tests pending",
      "alert_gate pending",
      "prod_steady_state pending",
    ]);
    expect(slip.steps["push_parsed"]?.startedAt).toBe(1_000_000);
    expect(slip.stateHistory).toEqual([
      {
        step: "push_parsed",
        component: "",
        status: "running",
        timestamp: 1_000_000,
        actor: "slippy-library",
        message: "processing push event",
      },
    ]);
    expect(await bench.slip("a")).toEqual(slip);
  });

  test("has an id of its own, a UUID of version 4", async () => {
    const { client, store } = new Bench();
    const real = new (client.constructor as typeof import("./client.ts").SlipClient)({ store });
    const slip = await real.createSlipForPush({ correlationId: "c", repository: REPOSITORY, commitSha: shaOf("z") });
    expect(slip?.slipId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
  });

  test("without components has its aggregates skipped, so that nothing waits for them", async () => {
    const bench = new Bench();
    const { steps } = await bench.push("a");
    expect(steps["builds_completed"]?.status).toBe("skipped");
    expect(steps["unit_tests_completed"]?.status).toBe("skipped");
    expect(steps["secret_scan_completed"]?.status).toBe("pending");
    expect(await bench.history("a")).toContain("builds_completed skipped by slippy-library: no components");
  });

  test.each([
    [{ correlationId: "" }, "invalid push options: correlation_id is required"],
    [{ correlationId: "", repository: "" }, "invalid push options: correlation_id is required"],
    [{ repository: " " }, "invalid push options: repository is required"],
    [{ commitSha: "" }, "invalid push options: commit_sha is required"],
    [{ repository: "webshop" }, "invalid repository format: webshop (expected owner/repo)"],
    [{ branch: "a\u0000b" }, "invalid push options: branch is longer than 1000 characters, or no text"],
    [{ correlationId: "x".repeat(1001) }, "correlation_id is longer"],
    [
      {
        components: [
          { name: "a", dockerfilePath: "" },
          { name: "a", dockerfilePath: "" },
        ],
      },
      'two components are called "a"',
    ],
    [{ components: [{ name: "", dockerfilePath: "" }] }, "a component has no name"],
  ] as const)("is refused where something is missing: %j", async (fields: Partial<PushOptions>, message) => {
    const bench = new Bench();
    await expect(bench.push("a", fields)).rejects.toThrow(message);
    expect(bench.store.callsOf("create")).toEqual([]);
  });

  test("of a repository that is filtered out gets none, and no error", async () => {
    const bench = new Bench({ filter: parseRepositoryFilter("octo-org/other") });
    const push = { correlationId: "c", repository: REPOSITORY, commitSha: "" };
    expect(await bench.client.createSlipForPush(push)).toBeNull();
    expect(bench.log.of("debug")).toHaveLength(1);
    expect(await new Bench({ isEnabled: false }).client.createSlipForPush(push)).toBeNull();
  });

  test("a store that fails is not one that has no slip", async () => {
    const bench = new Bench();
    bench.store.fail("loadByCommit", new Error("connection refused"));
    await expect(bench.push("a")).rejects.toMatchObject({ code: "SLIP_OPERATION_FAILED" });
    expect(bench.store.callsOf("create")).toEqual([]);
    bench.store.fail("loadByCommit", null);
    bench.store.fail("create", new Error("disk full"));
    await expect(bench.push("a")).rejects.toThrow("failed to create slip: disk full");
  });

  test("hostile names are kept as they are, and nothing comes of them", async () => {
    const bench = new Bench();
    const branch = "x'; drop table routing_slips;-- $(reboot) \u001b[2J";
    const commitMessage = "`reboot` (#1) \u001b]0;x\u0007 '; delete from x";
    expect(await bench.push("a", { branch, commitMessage })).toMatchObject({ branch, status: "in_progress" });
  });
});

describe("a push of the same commit", () => {
  test("U16, I2: is a retry: the same slip, whose first step begins anew", async () => {
    const bench = new Bench();
    const first = await bench.push("a");
    await bench.client.completeStep("corr-a", "push_parsed");
    bench.clock.advance(5_000);
    const again = await bench.push("a", {
      correlationId: "corr-new",
      components: [{ name: "svc-new", dockerfilePath: "" }],
    });
    expect(again.slipId).toBe(first.slipId);
    expect(again.correlationId).toBe("corr-a");
    expect(again.components).toEqual([]);
    expect(bench.store.callsOf("create")).toHaveLength(1);
    expect(bench.store.callsOf("load").at(-1)).toEqual(["corr-a"]);
    expect(again.steps["push_parsed"]).toMatchObject({ status: "running", startedAt: 1_005_000, completedAt: null });
    expect((await bench.history("a")).at(-1)).toBe(
      "push_parsed running by slippy-library: retry detected, resetting push_parsed",
    );
  });

  test("fails where the retry cannot be written", async () => {
    const bench = new Bench();
    await bench.push("a");
    bench.store.fail("append", new Error("gone"));
    await expect(bench.push("a")).rejects.toThrow("failed to reset push_parsed: gone");
  });

  test("takes a failed slip up again, with what only failed for waiting", async () => {
    const bench = new Bench();
    await bench.push("a", { components: [{ name: "svc-a", dockerfilePath: "" }] });
    await bench.client.failStep("corr-a", "build", "svc-a", "exit 1");
    await bench.client.abortStep("corr-a", "unit_test", "svc-a", "upstream");
    await bench.client.abortStep("corr-a", "dev_deploy", "", "upstream");
    expect((await bench.slip("a")).status).toBe("failed");
    const again = await bench.push("a");
    expect(again.status).toBe("in_progress");
    expect(again.steps["dev_deploy"]).toMatchObject({ status: "pending", completedAt: null, error: "" });
    expect(again.components[0]?.statuses).toEqual({ build: "failed", unit_test: "pending" });
    expect(again.steps["builds_completed"]?.status).toBe("failed");
    await bench.client.startStep("corr-a", "build", "svc-a");
    expect((await bench.slip("a")).steps["builds_completed"]?.status).toBe("running");
    await bench.client.failStep("corr-a", "build", "svc-a", "exit 2");
    expect((await bench.slip("a")).status).toBe("failed");
  });

  test.each(["completed", "promoted", "abandoned", "cancelled"] as const)(
    "changes nothing of a slip that is %s",
    async (status) => {
      const bench = new Bench();
      await bench.push("a");
      if (status === "completed") await bench.client.completeStep("corr-a", "prod_steady_state");
      else await bench.client.updateSlipStatus("corr-a", status);
      const before = await bench.slip("a");
      expect(before.status).toBe(status);
      expect(await bench.push("a")).toEqual(before);
      expect(await bench.slip("a")).toEqual(before);
      expect(bench.log.of("warn")).toHaveLength(1);
    },
  );

  test("of two at once one makes the slip, and both have it", async () => {
    const bench = new Bench();
    const slips = await Promise.all([bench.push("a"), bench.push("a", { correlationId: "corr-b" })]);
    expect(new Set(slips.map(({ slipId }) => slipId)).size).toBe(1);
  });

  test("in capitals is the same commit", async () => {
    const bench = new Bench();
    const { slipId } = await bench.push("a");
    expect(
      (await bench.push("a", { commitSha: shaOf("a").toUpperCase(), repository: REPOSITORY.toUpperCase() })).slipId,
    ).toBe(slipId);
  });
});
