import { onTestFinished } from "vitest";
import { dockerApi } from "../../support/docker-api.ts";
import { TEST_IMAGE } from "../../support/docker-daemon.ts";
import type { ExecutorName } from "../../support/executors.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { CrashProject, type CrashProjectOptions, SECOND_IMAGE } from "./crash-project.ts";

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

async function nameSecondImage(dockerHost: string): Promise<void> {
  const [repo = "", tag = ""] = SECOND_IMAGE.split(":");
  await dockerApi(dockerHost, "POST", `/images/${TEST_IMAGE}/tag`, { repo, tag });
}
