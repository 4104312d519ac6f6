export { openLogStore } from "./file-log-store.ts";
