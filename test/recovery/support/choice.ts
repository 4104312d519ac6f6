import { EXECUTORS, type ExecutorName } from "../../support/executors.ts";

/** See a failure again with the same `WAYBILL_CRASH_SEED`. */
export const SEED = Number(process.env["WAYBILL_CRASH_SEED"] ?? Date.now() % 1_000_000);

const wanted = process.env["WAYBILL_CRASH_EXECUTOR"];

/** All, or the one that `WAYBILL_CRASH_EXECUTOR` names. */
export const CHOSEN: readonly ExecutorName[] = EXECUTORS.filter((name) => wanted === undefined || wanted === name);
