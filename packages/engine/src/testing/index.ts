export { definitionOf, type JobSketch } from "@waybill/pipeline/testing";
export { MachineRun, type MachineRunOptions } from "./machine-run.ts";
export { artifactStoreConformance, type ArtifactStoreHarness } from "./artifact-store-conformance.ts";
export { listTree } from "./list-tree.ts";
export { logStoreConformance, readAll, type LogStoreHarness } from "./log-store-conformance.ts";
export { runStoreConformance, type RunStoreHarness } from "./run-store-conformance.ts";
export { sampleRun } from "./sample-run.ts";
export { executorConformance, type ExecutorModule } from "./executor-conformance.ts";
