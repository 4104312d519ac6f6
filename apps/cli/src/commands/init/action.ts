import { WaybillError } from "@waybill/core";
import { randomUUID } from "node:crypto";
import { lstatSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { PIPELINE_FILE_NAMES } from "../../files/pipeline-file.ts";
import { reasonOf } from "../../files/read-bounded.ts";
import { detectProject, type DetectedProject } from "../../init/detect-project.ts";
import { renderStarter } from "../../init/render-starter.ts";
import { plural } from "../../text/duration.ts";

export interface InitOptions {
  readonly force?: boolean;
  readonly stdout?: boolean;
  readonly json?: boolean;
}

export async function init(context: CommandContext, options: InitOptions): Promise<ExitCode> {
  const project = await detectProject(context.cwd);
  const text = renderStarter(basename(context.cwd) || "pipeline", project);
  const [file] = PIPELINE_FILE_NAMES;
  if (!options.stdout) await writeStarter(context.cwd, file, text, options.force === true);
  if (options.json) {
    const jobs = project.jobs.map(({ name, detection }) => ({ name, because: detection.because }));
    await writeJson(context, { file: options.stdout ? null : file, jobs, content: text });
  } else await write(context.stdout, options.stdout ? text : nextSteps(file, project));
  return SUCCESS;
}

/** @throws WaybillError `CLI_FILE_EXISTS`, `CLI_FILE_UNWRITABLE` */
async function writeStarter(directory: string, file: string, text: string, force: boolean): Promise<void> {
  // Any of the names: a second file would hide the first one, or be hidden by it.
  const existing = PIPELINE_FILE_NAMES.find((name) => lstatSync(join(directory, name), { throwIfNoEntry: false }));
  if (existing !== undefined && !force) throw new WaybillError("CLI_FILE_EXISTS", { file: existing });
  const path = join(directory, file);
  try {
    if (!force) await writeFile(path, text, { flag: "wx" });
    else await replaceFile(path, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new WaybillError("CLI_FILE_EXISTS", { file });
    throw new WaybillError("CLI_FILE_UNWRITABLE", { file, reason: reasonOf(error) }, { cause: error });
  }
}

/** In one step, and replacing a link instead of what it points to. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, text, { flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function nextSteps(file: string, { jobs }: DetectedProject): string {
  const found =
    jobs.length === 0
      ? "nothing here tells how to build it, so it only has an example"
      : `${plural(jobs.length, "job")}: ${jobs.map(({ name, detection }) => `${name} (${detection.because})`).join(", ")}`;
  return `Wrote ${file}: ${found}\n\nNext:\n  waybill plan   what it would do\n  waybill run    do it\n`;
}
