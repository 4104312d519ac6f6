import { WaybillError } from "@waybill/core";
import type { ExecutorChoice, JobPlace, PipelineJob } from "@waybill/engine";

/** What a user may ask for; `auto`: the strongest isolation that this machine has for the job. */
export type ExecutorMode = "auto" | "docker" | "sandbox" | "process";

/** Whether an executor works on this machine. */
export type Probe =
  | { readonly available: true; readonly version: string }
  /** What is missing and what to do, in sentences. */
  | { readonly available: false; readonly reason: string };

/** What is known of the machine. */
export interface Machine {
  readonly docker: Probe;
  readonly sandbox: Probe;
  /** Whether the sandbox has the root file system of an image. */
  readonly hasRootFilesystem: (image: string) => boolean;
}

export interface Choice extends ExecutorChoice {
  /** What the user should know before the job runs; null: nothing. */
  readonly warning: string | null;
}

/**
 * Where a job runs. An image is never left out in silence, and neither is a limit or a wall that the job asks for: what
 * cannot be had is an error, unless the user has asked for plain processes by name.
 *
 * @throws WaybillError `EXECUTOR_IMAGE_UNAVAILABLE`, `EXECUTOR_NOT_AVAILABLE`, `EXECUTOR_ISOLATION_UNAVAILABLE`
 */
export function chooseExecutor(job: PipelineJob, mode: ExecutorMode, machine: Machine): Choice {
  switch (mode) {
    case "process":
      return onProcesses(job);
    case "docker":
      return available("docker", machine.docker, "asked for with --executor");
    case "sandbox":
      return inSandbox(job, machine);
    case "auto":
      return namesImage(job) ? inItsImage(job, machine) : onHostTools(job, machine);
  }
}

/** Whether any step of the job names an image. */
export function namesImage(job: PipelineJob): boolean {
  return job.steps.some((step) => step.image !== null);
}

function inItsImage(job: PipelineJob, machine: Machine): Choice {
  if (machine.docker.available) return { executor: "docker", reason: "it names an image", warning: null };
  const missing = imagesWithoutRoot(job, machine);
  if (machine.sandbox.available && missing.length === 0) {
    const reason = "it names an image whose root file system is here, and Docker cannot be used";
    return { executor: "sandbox", reason, warning: null };
  }
  const sandbox = machine.sandbox.available ? `no root file system of ${missing.join(", ")}` : machine.sandbox.reason;
  throw new WaybillError("EXECUTOR_IMAGE_UNAVAILABLE", { job: job.name, docker: machine.docker.reason, sandbox });
}

function onHostTools(job: PipelineJob, machine: Machine): Choice {
  if (machine.sandbox.available) return { executor: "sandbox", reason: "it names no image", warning: null };
  if (asksForWalls(job.place)) {
    throw new WaybillError("EXECUTOR_ISOLATION_UNAVAILABLE", { job: job.name, detail: machine.sandbox.reason });
  }
  return {
    executor: "process",
    reason: "it names no image, and there is no sandbox",
    warning: `without isolation, as a plain process of this machine: ${machine.sandbox.reason}`,
  };
}

function onProcesses(job: PipelineJob): Choice {
  const ignored = [
    ...(namesImage(job) ? ["its image"] : []),
    ...(asksForWalls(job.place) ? ["its resources and isolation"] : []),
  ];
  return {
    executor: "process",
    reason: "asked for with --executor",
    warning: ignored.length === 0 ? null : `without ${ignored.join(" and ")}, as a plain process of this machine`,
  };
}

function inSandbox(job: PipelineJob, machine: Machine): Choice {
  const choice = available("sandbox", machine.sandbox, "asked for with --executor");
  const missing = imagesWithoutRoot(job, machine);
  if (missing.length === 0) return choice;
  const sandbox = `no root file system of ${missing.join(", ")}`;
  throw new WaybillError("EXECUTOR_IMAGE_UNAVAILABLE", { job: job.name, docker: "not asked for", sandbox });
}

/** @throws WaybillError `EXECUTOR_NOT_AVAILABLE` */
function available(executor: string, probe: Probe, reason: string): Choice {
  if (!probe.available) throw new WaybillError("EXECUTOR_NOT_AVAILABLE", { executor, detail: probe.reason });
  return { executor, reason, warning: null };
}

/** An image whose name only the run knows cannot be looked for. */
function imagesWithoutRoot(job: PipelineJob, machine: Machine): string[] {
  const images = job.steps.flatMap(({ image }) => (image === null ? [] : [image]));
  const missing = images.flatMap((image) => {
    if (typeof image !== "string") return [image.deferred];
    return machine.hasRootFilesystem(image) ? [] : [image];
  });
  return [...new Set(missing)];
}

function asksForWalls({ resources, isolation }: JobPlace): boolean {
  return (
    Object.values(resources).some((limit) => limit !== null) ||
    isolation.network === "none" ||
    isolation.rootFilesystem === "read_only"
  );
}
