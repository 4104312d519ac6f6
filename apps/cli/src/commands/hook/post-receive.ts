import { WaybillError } from "@waybill/core";
import { realpathSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { readBounded } from "../../files/read-bounded.ts";
import { callServer } from "../../server/call-server.ts";
import { safeName } from "../../text/safe-line.ts";

export interface PostReceiveOptions {
  readonly server: string;
  readonly repository?: string;
  readonly tokenFile?: string;
}

/** Git itself sends as much as was pushed; more refs than these at once are a mirror's, not a developer's. */
const MAX_INPUT_BYTES = 1024 * 1024;
const MAX_TOKEN_BYTES = 1024;
const UPDATE = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (refs\/\S+)$/;

interface Outcome {
  readonly runs: readonly { readonly id: string; readonly number: number; readonly pipeline: string }[];
  readonly problems: readonly { readonly pipeline: string; readonly ref: string; readonly detail: string }[];
}

/**
 * Reads the lines that Git gives a post-receive hook and posts them. What it prints is shown to whoever pushed; the push
 * itself is done by then, whatever comes of this.
 *
 * @throws WaybillError `SERVER_UNREACHABLE`, `SERVER_REFUSED`
 */
export async function postReceive(context: CommandContext, options: PostReceiveOptions): Promise<ExitCode> {
  const updates = (await readInput(context.stdin)).split("\n").flatMap((line) => {
    const match = UPDATE.exec(line);
    return match === null ? [] : [{ old: match[1], new: match[2], ref: match[3] }];
  });
  if (updates.length === 0) return SUCCESS;
  const repository = options.repository ?? `file://${repositoryDirectory(context.cwd)}`;
  const outcome = (await callServer(options.server, tokenOf(context, options), "/webhooks/git", {
    repository,
    updates,
  })) as Outcome;
  for (const { number, pipeline, id } of outcome.runs) {
    const url = `${options.server.replace(/\/+$/, "")}/v1/pipeline-runs/${id}`;
    await write(context.stdout, `waybill: run ${number} of ${safeName(pipeline)}: ${url}\n`);
  }
  for (const { pipeline, ref, detail } of outcome.problems) {
    await write(context.stdout, `waybill: no run of ${safeName(pipeline)} for ${safeName(ref)}: ${safeName(detail)}\n`);
  }
  return SUCCESS;
}

/** @throws WaybillError `CLI_FILE_*` */
function tokenOf({ cwd, env }: CommandContext, { tokenFile }: PostReceiveOptions): string {
  if (tokenFile === undefined) return env["WAYBILL_TOKEN"] ?? "";
  return new TextDecoder().decode(readBounded(resolve(cwd, tokenFile), tokenFile, MAX_TOKEN_BYTES)).trim();
}

/** Hooks run in the repository: the bare directory, or `.git` in a work tree. */
function repositoryDirectory(cwd: string): string {
  const directory = realpathSync(cwd);
  return basename(directory) === ".git" ? dirname(directory) : directory;
}

async function readInput(stdin: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_INPUT_BYTES) {
      throw new WaybillError("CLI_USAGE", {
        problem: "Too many refs were pushed at once",
        hint: "Start runs with the API.",
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
