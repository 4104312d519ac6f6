import { WaybillError } from "@waybill/core";
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { pipelineAnswer, projectAnswer } from "../../server/answers.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { findProjectId } from "../../server/find-remote.ts";
import { safeName } from "../../text/safe-line.ts";
import { shellWord } from "../../text/shell-word.ts";

export interface ConnectOptions extends ServerChoice {
  readonly project?: string;
  readonly name?: string;
  readonly file: string;
  readonly branch: string;
  readonly json?: boolean;
}

/** @throws WaybillError `SERVER_*`, `CLI_FILE_NOT_FOUND`, or what the server says */
export async function connect(context: CommandContext, repository: string, options: ConnectOptions): Promise<ExitCode> {
  const url = addressOf(context, repository);
  const fallback = nameOf(url);
  const { project = fallback, name = fallback } = options;
  const client = await openClient(context, options);
  let projectId: string;
  try {
    projectId = await findProjectId(client, project);
  } catch (error) {
    if (!(error instanceof WaybillError) || error.code !== "API_NOT_FOUND") throw error;
    projectId = (await client.send("POST", "/v1/projects", projectAnswer, { name: project })).id;
  }
  const pipeline = await client.send("POST", "/v1/pipelines", pipelineAnswer, {
    project_id: projectId,
    name,
    repository_url: url,
    default_branch: options.branch,
    config_path: options.file,
  });
  if (options.json) await writeJson(context, { ...pipeline, project });
  else {
    const place = `${safeName(project)}/${safeName(name)}`;
    await write(
      context.stdout,
      `The pipeline ${place} runs ${safeName(options.file)} of ${safeName(pipeline.repository_url)}.\n` +
        `Start it:  waybill trigger ${shellWord(safeName(name))} --wait\n`,
    );
  }
  return SUCCESS;
}

/** A directory of this machine as the address that a server on it takes. */
function addressOf(context: CommandContext, repository: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(repository) || /^[\w.-]+@[\w.-]+:/.test(repository)) return repository;
  try {
    return pathToFileURL(realpathSync(resolve(context.cwd, repository))).href;
  } catch (cause) {
    throw new WaybillError("CLI_FILE_NOT_FOUND", { file: repository }, { cause });
  }
}

/** `https://host/team/shop.git`: `shop`. */
function nameOf(url: string): string {
  const last = url.replace(/\/+$/, "").split(/[/:]/).at(-1) ?? "";
  const name = last.replace(/\.git$/, "").replaceAll(/[^A-Za-z0-9_.-]+/g, "-");
  return /^[A-Za-z0-9]/.test(name) ? name : "pipeline";
}
