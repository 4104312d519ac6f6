import type { CommandContext } from "../../context.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { readParameters } from "../../files/parameters.ts";
import type { ParameterOptions } from "../../options.ts";
import { startedAnswer } from "../../server/answers.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { findRemoteRun } from "../../server/find-remote.ts";
import { tellStarted } from "../../server/started-run.ts";

export interface RerunOptions extends ServerChoice, ParameterOptions {
  readonly failed?: boolean;
  readonly job: readonly string[];
  readonly wait?: boolean;
  readonly plain?: boolean;
  readonly json?: boolean;
}

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function rerun(context: CommandContext, reference: string, options: RerunOptions): Promise<ExitCode> {
  const variables = readParameters(context, options);
  const client = await openClient(context, options);
  const run = await findRemoteRun(client, reference);
  const started = await client.send("POST", `/v1/pipeline-runs/${run.id}/rerun`, startedAnswer, {
    ...(options.failed === true ? { only: "failed" } : {}),
    ...(options.job.length === 0 ? {} : { jobs: options.job }),
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
  });
  return await tellStarted(context, client, started, options);
}
