import type { ExecutorMode } from "@waybill/executors";

/** What `--executor` takes. Here, because to declare a command must not load the executors. */
export const EXECUTOR_MODES: readonly ExecutorMode[] = ["auto", "docker", "sandbox", "process"];
