import { WaybillError } from "@waybill/core";
import { realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import * as z from "zod/mini";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { runPage } from "../../server/started-run.ts";
import { safeName } from "../../text/safe-line.ts";

export interface PostReceiveOptions extends ServerChoice {
  readonly server: string;
  readonly repository?: string;
}

/** Git itself sends as much as was pushed; more refs than these at once are a mirror's, not a developer's. */
const MAX_INPUT_BYTES = 1024 * 1024;
const UPDATE = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (refs\/\S+)$/;

const reasons = z.array(z.object({ pipeline: z.string(), ref: z.string(), detail: z.string() }));
const outcomeAnswer = z.object({
  runs: z.array(z.object({ id: z.uuid(), number: z.int(), pipeline: z.string() })),
  problems: reasons,
  /** Older servers do not have it. */
  skipped: z.optional(reasons),
});

/**
 * Reads the lines that Git gives a post-receive hook and posts them. What it prints is shown to whoever pushed; the push
 * itself is done by then, whatever comes of this.
 *
 * @throws WaybillError `SERVER_*`, or what the server says
 */
export async function postReceive(context: CommandContext, options: PostReceiveOptions): Promise<ExitCode> {
  const updates = (await readInput(context.stdin)).split("\n").flatMap((line) => {
    const match = UPDATE.exec(line);
    return match === null ? [] : [{ old: match[1], new: match[2], ref: match[3] }];
  });
  if (updates.length === 0) return SUCCESS;
  const repository = options.repository ?? `file://${repositoryDirectory(context.cwd)}`;
  const client = await openClient(context, options);
  const outcome = await client.send("POST", "/webhooks/git", outcomeAnswer, { repository, updates });
  for (const { number, pipeline, id } of outcome.runs) {
    await write(context.stdout, `waybill: run ${number} of ${safeName(pipeline)}: ${runPage(client, id)}\n`);
  }
  for (const { pipeline, ref, detail } of outcome.problems) {
    await write(context.stdout, `waybill: no run of ${safeName(pipeline)} for ${safeName(ref)}: ${safeName(detail)}\n`);
  }
  for (const { pipeline, ref, detail } of outcome.skipped ?? []) {
    await write(
      context.stdout,
      `waybill: ${safeName(ref)} starts no run of ${safeName(pipeline)}: ${safeName(detail)}\n`,
    );
  }
  return SUCCESS;
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
