import { systemClock } from "@waybill/core";
import type { Executor } from "@waybill/engine";
import { processExecutor } from "./process-executor.ts";

/** The process executor as the conformance suite opens it, here and in processes that it kills. */
export function openExecutor(directory: string): Executor {
  return processExecutor({ directory, hostEnvironment: process.env, clock: systemClock });
}
