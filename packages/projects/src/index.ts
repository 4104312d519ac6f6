export * from "./concurrency/index.ts";
export * from "./cron/index.ts";
export * from "./reporting/index.ts";
export * from "./sources/index.ts";
export * from "./triggers/index.ts";
export type * from "./ports.ts";
