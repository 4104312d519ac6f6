export { openRunStore } from "./open-run-store.ts";
export type { SqlRunStore } from "./runs/sql-run-store.ts";
export type { SqliteOptions } from "./sqlite/open.ts";
