import type { CommandContext } from "../../context.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { readParameters } from "../../files/parameters.ts";
import type { ParameterOptions } from "../../options.ts";
import { startedAnswer } from "../../server/answers.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { findPipeline } from "../../server/find-remote.ts";
import { tellStarted } from "../../server/started-run.ts";

export interface TriggerOptions extends ServerChoice, ParameterOptions {
  readonly ref?: string;
  readonly sha?: string;
  readonly input: ReadonlyMap<string, string>;
  readonly wait?: boolean;
  readonly plain?: boolean;
  readonly json?: boolean;
}

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function trigger(context: CommandContext, reference: string, options: TriggerOptions): Promise<ExitCode> {
  const variables = readParameters(context, options);
  const client = await openClient(context, options);
  const pipeline = await findPipeline(client, reference);
  const started = await client.send("POST", `/v1/pipelines/${pipeline.id}/runs`, startedAnswer, {
    ...(options.ref === undefined ? {} : { ref: options.ref }),
    ...(options.sha === undefined ? {} : { sha: options.sha }),
    ...(options.input.size === 0 ? {} : { inputs: Object.fromEntries(options.input) }),
    variables,
  });
  return await tellStarted(context, client, started, options);
}
