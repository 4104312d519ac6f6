export type { Choice, ExecutorMode, Probe } from "./choice/choose-executor.ts";
export { type ExecutorAvailability, OpenExecutors, type ExecutorAdapter } from "./choice/open-executors.ts";
export { dockerExecutor, probeDocker, type DockerExecutorOptions, type DockerProbe } from "./docker/docker-executor.ts";
export { dockerRecipe, type DockerRecipe } from "./docker/docker-recipe.ts";
export type { ServiceGuard } from "./docker/image-puller.ts";
export type { MaximumLimits } from "./protocol/limits.ts";
export {
  DEFAULT_IMAGE_LIMITS,
  openImageStore,
  type ImageStore,
  type ImportedImage,
  type ImportRequest,
  type StoredImage,
} from "./sandbox/images/image-store.ts";
export { processExecutor, type ProcessExecutorOptions } from "./process/process-executor.ts";
export { probeSandbox, type ProbeOptions, type SandboxProbe } from "./sandbox/probe-sandbox.ts";
export { sandboxExecutor, type SandboxExecutorOptions } from "./sandbox/sandbox-executor.ts";
export { openWorkspaces, type WorkspacesOptions } from "./workspaces/open-workspaces.ts";
export type { WorkspaceSource } from "./workspaces/workspace-source.ts";
