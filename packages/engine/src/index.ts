export * from "./events.ts";
export * from "./ports/executor.ts";
export * from "./ports/files.ts";
export * from "./ports/run-store.ts";
export * from "./statuses.ts";
