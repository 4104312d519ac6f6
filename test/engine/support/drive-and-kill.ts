import type { EngineNotice } from "@waybill/engine";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type { ExecutorName } from "../../support/executors.ts";

const DRIVER = new URL("drive-until-killed.ts", import.meta.url).pathname;

export interface DriveOptions {
  readonly executor?: ExecutorName;
  /** Added to the environment of the process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a pipeline in a process of its own, which gets SIGKILL when it has told what `isMoment` waits for. */
export async function driveAndKill(
  project: string,
  pipeline: string,
  isMoment: (notice: EngineNotice) => boolean,
  options: DriveOptions = {},
): Promise<EngineNotice[]> {
  const child = spawn(process.execPath, [DRIVER, project, pipeline, options.executor ?? "process"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...options.environment },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const told: EngineNotice[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(JSON.parse(line) as EngineNotice);
    if (told.some(isMoment)) child.kill("SIGKILL");
  }
  return told;
}
