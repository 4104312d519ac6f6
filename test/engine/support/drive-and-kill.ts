import type { EngineNotice } from "@waybill/engine";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

const DRIVER = new URL("drive-until-killed.ts", import.meta.url).pathname;

/** Runs a pipeline in a process of its own, which gets SIGKILL when it has told what `isMoment` waits for. */
export async function driveAndKill(
  project: string,
  pipeline: string,
  isMoment: (notice: EngineNotice) => boolean,
): Promise<EngineNotice[]> {
  const child = spawn(process.execPath, [DRIVER, project, pipeline], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const told: EngineNotice[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(JSON.parse(line) as EngineNotice);
    if (told.some(isMoment)) child.kill("SIGKILL");
  }
  return told;
}
