/*
 * The process that dies in the conformance suite: submits an execution, starts a step and tells by one JSON line for
 * each piece of output how far it has seen, until it is killed.
 *
 *     node executor-conformance-child.ts MODULE DIRECTORY SPEC STEP
 */
import { NO_OUTPUT, type ExecutionSpec, type StepSpec } from "../ports/executor.ts";
import type { ExecutorModule } from "./executor-conformance.ts";

const [modulePath = "", directory = "", spec = "{}", step = "{}"] = process.argv.slice(2);
const { openExecutor } = (await import(modulePath)) as ExecutorModule;
const executor = openExecutor(directory);
const execution = JSON.parse(spec) as ExecutionSpec;
const started = JSON.parse(step) as StepSpec;

await executor.submit(execution);
await executor.startStep(execution.executionId, started);
for await (const observation of executor.observeStep(execution.executionId, started, NO_OUTPUT)) {
  if (observation.type === "output" && observation.stream === "stdout") {
    console.log(JSON.stringify({ text: observation.data.toString(), offset: observation.offset }));
  }
}
