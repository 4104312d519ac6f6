import type { OpenExecutors } from "@waybill/executors";
import type { ServerLog } from "../server-log.ts";

export interface PrepareOptions {
  readonly executors: OpenExecutors;
  readonly log: ServerLog;
}

/** Has what jobs need to run on ready, and writes down what is amiss with it. @throws WaybillError what `prepare` says */
export async function prepareExecutors(
  { executors, log }: PrepareOptions,
  jobs: Parameters<OpenExecutors["prepare"]>[0],
): Promise<void> {
  for (const warning of await executors.prepare(jobs)) log.warn("executors", { warning });
}
