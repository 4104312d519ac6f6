import { onTestFinished } from "vitest";
import type { ExecutorName } from "../../support/executors.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { nameSecondImage } from "./crash-images.ts";
import { CrashProject, type CrashProjectOptions } from "./crash-project.ts";

/** A project for the running test, with which its programs end. */
export async function openCrashProject(
  executor: ExecutorName,
  options: CrashProjectOptions = {},
): Promise<CrashProject> {
  if (executor === "docker") await nameSecondImage(process.env["DOCKER_HOST"] ?? "");
  const project = new CrashProject(await temporaryDirectory(), executor, options);
  onTestFinished(() => project.end());
  return project;
}
