export { definitionOf, type JobSketch } from "./definitions.ts";
export { MachineRun, type MachineRunOptions } from "./machine-run.ts";
