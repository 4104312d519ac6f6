import { describe } from "vitest";
import type { ExecutorName } from "./executors.ts";
import { describeWith, type Requirement } from "./requires.ts";

const NEEDS: Readonly<Record<Exclude<ExecutorName, "process">, Requirement>> = {
  sandbox: "bubblewrap",
  docker: "docker",
};

/** `describe` for tests that run with one of the executors, where this machine has what it needs. */
export function describeExecutor(executor: ExecutorName, name: string, tests: () => void): void {
  const title = `${name} (${executor})`;
  if (executor === "process") describe(title, tests);
  else describeWith(NEEDS[executor], title, tests);
}
