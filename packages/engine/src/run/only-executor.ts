import type { Executor, Executors } from "../ports/executor.ts";

/** Every job runs in `executor`. */
export function onlyExecutor(executor: Executor): Executors {
  return {
    choose: () => ({ executor: executor.name, reason: "it is the only one" }),
    named: () => executor,
  };
}
