import type { RunRecord } from "@waybill/engine";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { renderRuns, runJson } from "../../run/run-table.ts";
import { runAnswer, runRecord } from "../../server/answers.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { findPipeline, listRemote } from "../../server/find-remote.ts";
import { styleFor } from "../../text/style.ts";

export interface ListRunsOptions extends ServerChoice {
  readonly limit: number;
  readonly pipeline?: string;
  readonly status?: string;
  readonly ref?: string;
  readonly json?: boolean;
}

const PAGE = 200;

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function listRuns(context: CommandContext, options: ListRunsOptions): Promise<ExitCode> {
  const client = await openClient(context, options);
  const { pipeline, status, ref } = options;
  const path =
    pipeline === undefined ? "/v1/pipeline-runs" : `/v1/pipelines/${(await findPipeline(client, pipeline)).id}/runs`;
  const query = { limit: Math.min(options.limit, PAGE), status, ref };
  const records: RunRecord[] = [];
  for await (const run of listRemote(client, path, runAnswer, query)) {
    records.push(runRecord(run));
    if (records.length === options.limit) break;
  }
  if (options.json) {
    await writeJson(context, { runs: records.map(runJson) });
  } else if (records.length === 0) {
    await write(context.stderr, `${client.url} has no such runs; a push or \`waybill trigger\` makes the first.\n`);
  } else {
    await write(context.stdout, renderRuns(records, context.clock.now(), styleFor(context.stdout, context.env)));
  }
  return SUCCESS;
}
