import { systemClock } from "@waybill/core";
import type { Executor } from "@waybill/engine";
import { TEST_IMAGE } from "../../../../test/support/docker-daemon.ts";
import { dockerExecutor } from "./docker-executor.ts";

/** The docker executor as the conformance suite opens it, here and in processes that it kills. */
export function openExecutor(directory: string): Executor {
  return dockerExecutor({ directory, environment: process.env, clock: systemClock, defaultImage: TEST_IMAGE });
}
