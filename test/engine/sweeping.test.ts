import { systemIds } from "@waybill/core";
import { expect, test } from "vitest";
import { openBench } from "./support/open-bench.ts";

const PIPELINE = `
name: swept
jobs:
  only: { steps: [{ name: s, script: ["echo done"] }] }
`;

test("a run starts although a process that sweeps has come upon its claim first", async () => {
  const runId = systemIds.next();
  let isFirst = true;
  const next = (): string => {
    const id = isFirst ? runId : systemIds.next();
    isFirst = false;
    return id;
  };
  const bench = await openBench({ wrap: (ports) => ({ ...ports, ids: { next } }) });
  const swept = await bench.store.claim(runId);
  const starting = bench.start(PIPELINE);
  await expect.poll(() => bench.clock.pendingDelays()).toEqual([5]);
  await swept?.release(true);
  bench.clock.advance(5);
  const { handle } = await starting;
  expect(handle.id).toBe(runId);
  expect(await handle.finished).toMatchObject({ status: "success" });
});
