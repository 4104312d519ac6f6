import * as z from "zod/mini";
import { WaybillError } from "@waybill/core";
import { resolve } from "node:path";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { readBounded, readStream } from "../../files/read-bounded.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { findProjectId } from "../../server/find-remote.ts";
import { formatAge } from "../../text/duration.ts";
import { safeName } from "../../text/safe-line.ts";
import { styleFor } from "../../text/style.ts";
import { renderTable } from "../../text/table.ts";

export interface SecretsOptions extends ServerChoice {
  readonly json?: boolean;
}

export interface ScopeOptions extends SecretsOptions {
  readonly environment?: string;
  readonly branch?: string;
}

/** The server allows half of it. */
const MAX_VALUE_BYTES = 64 * 1024;

const secretAnswer = z.object({
  name: z.string(),
  environment: z.string(),
  branch: z.string(),
  updated_at: z.string(),
});
const secretsAnswer = z.object({ items: z.array(secretAnswer) });

/**
 * The value comes from a file or a pipe: what stands on a command line can be read by others.
 *
 * @throws WaybillError `CLI_FILE_*`, `SERVER_*`, or what the server says
 */
export async function setSecret(
  context: CommandContext,
  project: string,
  name: string,
  options: ScopeOptions & { readonly from?: string },
): Promise<ExitCode> {
  if (options.tokenFile === "-" && options.from === undefined) {
    const hint = "Name a file for one of them, with --from or --token-file.";
    throw new WaybillError("CLI_USAGE", { problem: "Standard input cannot have both the token and the value", hint });
  }
  const value = await readValue(context, options.from);
  if (Buffer.byteLength(value) >= 4) context.hidden.add([value]);
  const client = await openClient(context, options);
  const { environment = "", branch = "" } = options;
  const path = `/v1/projects/${await findProjectId(client, project)}/secrets/${encodeURIComponent(name)}`;
  const kept = await client.send("PUT", path, secretAnswer, { value, environment, branch });
  if (options.json) await writeJson(context, kept);
  else await write(context.stdout, `${safeName(kept.name)} is kept for ${scopeText(kept)}.\n`);
  return SUCCESS;
}

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function listSecrets(
  context: CommandContext,
  project: string,
  options: SecretsOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  const { items } = await client.get(`/v1/projects/${await findProjectId(client, project)}/secrets`, secretsAnswer);
  if (options.json) {
    await writeJson(context, { secrets: items });
  } else if (items.length === 0) {
    await write(context.stderr, "The project has no secrets.\n");
  } else {
    const style = styleFor(context.stdout, context.env);
    const now = context.clock.now();
    const rows = items.map(({ name, environment, branch, updated_at: at }) => [
      safeName(name),
      environment === "" ? "all" : safeName(environment),
      branch === "" ? "all" : safeName(branch),
      formatAge(now - Date.parse(at)),
    ]);
    const table = renderTable([["NAME", "ENVIRONMENT", "BRANCH", "SET"], ...rows], (padded, row) =>
      row === 0 ? style.paint("dim", padded) : padded,
    );
    await write(context.stdout, table);
  }
  return SUCCESS;
}

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function removeSecret(
  context: CommandContext,
  project: string,
  name: string,
  options: ScopeOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  const { environment = "", branch = "" } = options;
  const path = `/v1/projects/${await findProjectId(client, project)}/secrets/${encodeURIComponent(name)}`;
  await client.send("DELETE", path, z.null(), undefined, { environment, branch });
  if (options.json) await writeJson(context, { name, environment, branch, removed: true });
  else await write(context.stdout, `${safeName(name)} for ${scopeText({ environment, branch })} is gone.\n`);
  return SUCCESS;
}

async function readValue(context: CommandContext, file: string | undefined): Promise<string> {
  const bytes =
    file === undefined
      ? await readStream(context.stdin, "standard input", MAX_VALUE_BYTES)
      : readBounded(resolve(context.cwd, file), file, MAX_VALUE_BYTES);
  // An editor ends a file with a line break that is no part of the secret.
  return new TextDecoder().decode(bytes).replace(/\r?\n$/, "");
}

function scopeText({ environment, branch }: { readonly environment: string; readonly branch: string }): string {
  const where = environment === "" ? "every environment" : `the environment ${safeName(environment)}`;
  return `${where}, ${branch === "" ? "every branch" : `the branch ${safeName(branch)}`}`;
}
