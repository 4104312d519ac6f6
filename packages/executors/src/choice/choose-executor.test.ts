import { DEFAULT_PLACE, type PipelineJob } from "@waybill/engine";
import { definitionOf, type JobSketch } from "@waybill/engine/testing";
import { describe, expect, test } from "vitest";
import { chooseExecutor, type ExecutorMode, type Machine } from "./choose-executor.ts";

const WORKS = { available: true, version: "1" } as const;
const docker = { available: false, reason: "no daemon answers." } as const;
const sandbox = { available: false, reason: "bubblewrap is not installed." } as const;

function jobOf(sketch: JobSketch): PipelineJob {
  return definitionOf({ build: sketch }).jobs.get("build") as PipelineJob;
}

const plain = jobOf({});
const withImage = jobOf({ steps: [{}, { image: "node:24" }] });
const deferred = jobOf({ steps: [{ image: { deferred: "${{ job.a.outputs.IMAGE }}" } }] });
const limited = jobOf({ place: { ...DEFAULT_PLACE, resources: { memory: 1e9, cpus: null, pids: null } } });

function machine(changes: Partial<Machine> = {}): Machine {
  return { docker: WORKS, sandbox: WORKS, hasRootFilesystem: (): boolean => false, ...changes };
}

function choose(job: PipelineJob, mode: ExecutorMode, changes: Partial<Machine> = {}): string {
  try {
    const { executor, reason, warning } = chooseExecutor(job, mode, machine(changes));
    return `${executor}: ${reason}${warning === null ? "" : `; ${warning}`}`;
  } catch (error) {
    return String((error as { code: unknown }).code);
  }
}

describe("auto", () => {
  test("a job that names an image runs in docker", () => {
    expect(choose(withImage, "auto")).toBe("docker: it names an image");
    expect(choose(deferred, "auto")).toBe("docker: it names an image");
  });

  test("without docker, it runs in the sandbox on that image's root file system", () => {
    expect(
      choose(withImage, "auto", { docker, hasRootFilesystem: (image: string): boolean => image === "node:24" }),
    ).toBe("sandbox: it names an image whose root file system is here, and Docker cannot be used");
  });

  test.each([
    ["no root file system", withImage, {}],
    ["an image whose name is not known yet", deferred, { hasRootFilesystem: (): boolean => true }],
    ["no sandbox", withImage, { sandbox, hasRootFilesystem: (): boolean => true }],
  ])("but never without its image: %s", (_, job, changes) => {
    expect(choose(job, "auto", { docker, ...changes })).toBe("EXECUTOR_IMAGE_UNAVAILABLE");
  });

  test("a job that names none runs in the sandbox, and docker is not asked", () => {
    expect(choose(plain, "auto", { docker })).toBe("sandbox: it names no image");
  });

  test("without a sandbox, it runs as a process, with a warning", () => {
    expect(choose(plain, "auto", { sandbox })).toBe(
      "process: it names no image, and there is no sandbox; without isolation, as a plain process of this machine: bubblewrap is not installed.",
    );
  });

  test("a job that asks for limits does not run without them", () => {
    expect(choose(limited, "auto", { sandbox })).toBe("EXECUTOR_ISOLATION_UNAVAILABLE");
  });
});

describe("an executor that is asked for", () => {
  test("docker takes jobs without an image too", () => {
    expect(choose(plain, "docker")).toBe("docker: asked for with --executor");
    expect(choose(plain, "docker", { docker })).toBe("EXECUTOR_NOT_AVAILABLE");
  });

  test("the sandbox needs the root file systems of images", () => {
    expect(choose(plain, "sandbox")).toBe("sandbox: asked for with --executor");
    expect(choose(plain, "sandbox", { sandbox })).toBe("EXECUTOR_NOT_AVAILABLE");
    expect(choose(withImage, "sandbox")).toBe("EXECUTOR_IMAGE_UNAVAILABLE");
    expect(choose(withImage, "sandbox", { hasRootFilesystem: (): boolean => true })).toBe(
      "sandbox: asked for with --executor",
    );
  });

  test("plain processes leave images and limits out, and say so", () => {
    expect(choose(plain, "process", { sandbox, docker })).toBe("process: asked for with --executor");
    expect(choose(withImage, "process")).toContain("without its image");
    expect(choose(limited, "process")).toContain("without its resources and isolation");
  });
});
