export { cutLog } from "./cut-log.ts";
export { openLogStore } from "./file-log-store.ts";
