export { processExecutor, type ProcessExecutorOptions } from "./process/process-executor.ts";
export { openWorkspaces, type WorkspacesOptions } from "./workspaces/open-workspaces.ts";
