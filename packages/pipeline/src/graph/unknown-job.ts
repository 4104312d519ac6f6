import { WaybillError } from "@waybill/core";
import { didYouMean, listNames } from "./wording.ts";

/** The error for a job name that is none of `names`. */
export function unknownJob(job: string, names: readonly string[]): WaybillError<"GRAPH_UNKNOWN_JOB"> {
  return new WaybillError("GRAPH_UNKNOWN_JOB", { job, hint: didYouMean(job, names), available: listNames(names) });
}
