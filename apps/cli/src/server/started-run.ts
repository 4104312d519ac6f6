import { write, writeJson, type CommandContext } from "../context.ts";
import { SUCCESS, type ExitCode } from "../exit-codes.ts";
import { safeName } from "../text/safe-line.ts";
import type { ApiClient } from "./api-client.ts";
import { findRemoteRun } from "./find-remote.ts";
import { watchRun, type WatchOptions } from "./watch-run.ts";

/** The page of a run for people. */
export function runPage(client: ApiClient, id: string): string {
  return `${client.url}/runs/${id}`;
}

/** What `trigger` and `rerun` say of the run they have started; with `--wait` they show it. */
export async function tellStarted(
  context: CommandContext,
  client: ApiClient,
  { id }: { readonly id: string },
  options: WatchOptions & { readonly wait?: boolean },
): Promise<ExitCode> {
  const run = await findRemoteRun(client, id);
  const url = runPage(client, id);
  if (options.wait) {
    if (!options.json) await write(context.stderr, `Run ${run.number}: ${url}\n`);
    return await watchRun(context, client, run, options);
  }
  if (options.json) await writeJson(context, { run: id, number: run.number, status: run.status, url });
  else await write(context.stdout, `Run ${run.number} of ${safeName(run.pipelineName)} is queued: ${url}\n`);
  return SUCCESS;
}
