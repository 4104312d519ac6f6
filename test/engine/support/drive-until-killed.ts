/*
 * A process that drives a run until it is killed, and tells each notice as one JSON line.
 *
 *     node drive-until-killed.ts PROJECT PIPELINE EXECUTOR
 */
import { systemClock, systemIds, systemRandom } from "@waybill/core";
import { createEngine, onlyExecutor } from "@waybill/engine";
import { writeSync } from "node:fs";
import type { ExecutorName } from "../../support/executors.ts";
import { openAdapters } from "./open-adapters.ts";
import { parse, requestFor } from "./pipelines.ts";

const [project = "", pipeline = "", executorName = ""] = process.argv.slice(2);
const { executor, ...adapters } = await openAdapters(project, { executor: executorName as ExecutorName });
const engine = createEngine({
  ...adapters,
  executors: onlyExecutor(executor),
  clock: systemClock,
  random: systemRandom,
  ids: systemIds,
});
const run = await engine.start(requestFor(parse(pipeline)));
run.subscribe((notice) => void writeSync(1, `${JSON.stringify(notice)}\n`));
await run.finished;
