import type { ExecutorMode } from "@waybill/executors";

/** What `--executor` takes. Here as well as in the executors' package, which takes time to load. */
export const EXECUTOR_MODES: readonly ExecutorMode[] = ["auto", "docker", "sandbox", "process"];
