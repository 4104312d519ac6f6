import { systemClock } from "@waybill/core";
import type { Executor } from "@waybill/engine";
import { sandboxExecutor } from "./sandbox-executor.ts";

/** The sandbox executor as the conformance suite opens it, here and in processes that it kills. */
export function openExecutor(directory: string): Executor {
  return sandboxExecutor({ directory, hostEnvironment: process.env, clock: systemClock });
}
