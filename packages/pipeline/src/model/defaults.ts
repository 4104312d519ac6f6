/** Where a job that names no image is sent to a container on purpose. */
export const DEFAULT_IMAGE = "ubuntu:24.04";

/** Seconds. A stricter inner limit never extends an outer one. */
export const DEFAULT_PIPELINE_TIMEOUT = 7200;
export const DEFAULT_TIMEOUT = 3600;
export const DEFAULT_STEP_TIMEOUT = 1800;

/** Where a job's workspace appears to its steps. */
export const DEFAULT_WORKING_DIRECTORY = "/workspace";

export const DEFAULT_RETRY_COUNT = 0;
