import { expect, test } from "vitest";
import type { SlipObserver } from "./ports/observer.ts";
import { Bench, settle } from "./testing/bench.ts";

/** An observer that keeps what it is told as text. */
function recorder(): { readonly told: string[]; readonly observer: SlipObserver } {
  const told: string[] = [];
  const observer: SlipObserver = {
    slipCreated: (repository, components) => told.push(`created ${repository} ${components}`),
    slipEnded: (repository, status, seconds) => told.push(`ended ${repository} ${status} ${seconds}`),
    stepEnded: (step, status, seconds) => told.push(`step ${step} ${status} ${seconds}`),
    prerequisitesChecked: (step, result, seconds) => told.push(`checked ${step} ${result} ${seconds}`),
    holdBegan: (step, pending) => told.push(`hold ${step} ${pending.join(",")}`),
    holdEnded: (step, seconds, isTimedOut) => told.push(`held ${step} ${seconds} ${isTimedOut}`),
    failed: (operation) => told.push(`failed ${operation}`),
  };
  return { told, observer };
}

test("metrics hear of slips, steps and holds, each once", async () => {
  const { told, observer } = recorder();
  const bench = new Bench({ observer });
  await bench.push("a", { components: [{ name: "svc-a", dockerfilePath: "" }] });
  await bench.push("a");
  const waiting = bench.client.runPreExecution({
    correlationId: "corr-a",
    stepName: "dev_deploy",
    prerequisites: ["push_parsed"],
    pollIntervalMs: 1_000,
  });
  await settle();
  bench.clock.advance(3_000);
  await settle();
  await bench.client.completeStep("corr-a", "push_parsed");
  for (let second = 0; second < 3; second += 1) {
    bench.clock.advance(1_000);
    await settle();
  }
  await waiting;
  bench.clock.advance(2_000);
  await bench.client.runPostExecution({ correlationId: "corr-a", stepName: "dev_deploy", workflowStatus: "Succeeded" });
  await bench.client.completeStep("corr-a", "prod_steady_state");
  expect(told).toEqual([
    "created octo-org/webshop 1",
    "checked dev_deploy running 0",
    "hold dev_deploy push_parsed",
    "step push_parsed completed 3",
    "checked dev_deploy completed 0",
    "held dev_deploy 4 false",
    "step dev_deploy completed 4",
    "ended octo-org/webshop completed 8",
    "step prod_steady_state completed null",
  ]);
});

test("and of what failed, by operation", async () => {
  const { told, observer } = recorder();
  const bench = new Bench({ observer });
  bench.store.fail("loadByCommit", new Error("gone"));
  await expect(bench.push("a")).rejects.toThrow("gone");
  await expect(bench.client.load("x")).rejects.toThrow("x");
  await expect(bench.client.startStep("x", "dev_deploy")).rejects.toThrow("x");
  const entry = { step: "dev_deploy", component: "", status: "held", message: "" };
  await expect(bench.client.appendHistory("x", entry)).rejects.toThrow("x");
  await expect(bench.client.resolveSlip({ repository: "x" })).rejects.toThrow("x");
  expect(told).toEqual([
    "failed create",
    "failed load",
    "failed update_step",
    "failed append_history",
    "failed resolve",
  ]);
});
