import { WaybillError } from "@waybill/core";
import type { JobExplanation } from "@waybill/engine";
import * as z from "zod/mini";
import type { CommandContext } from "../../context.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { jobsAnswer, linesAnswer } from "../../server/answers.ts";
import { openClient } from "../../server/choose-server.ts";
import { findRemoteRun } from "../../server/find-remote.ts";
import { hintFor } from "../../text/hint.ts";
import { LINES_SHOWN, tellWhy, type WhyOptions } from "./tell-why.ts";

const list = z.array(z.looseObject({}));

/** What is looked at of it; its fields are those of `JobExplanation`, as the server has made it by the same code. */
const explanationAnswer = z.looseObject({
  run: z.int(),
  job: z.string(),
  status: z.nullable(z.string()),
  summary: z.string(),
  trigger: z.looseObject({ event: z.string() }),
  rules: list,
  attempts: z.array(z.looseObject({ executor: z.string(), executor_reason: z.string(), steps: list })),
  time_outs: z.looseObject({ steps: z.record(z.string(), z.number()) }),
  retries: list,
  exit: z.nullable(z.looseObject({ step: z.string() })),
  remedy: z.string(),
});

/** @throws WaybillError `SERVER_*`, `CLI_UNKNOWN_JOB`, or what the server says */
export async function whyRemote(
  context: CommandContext,
  reference: string,
  name: string,
  options: WhyOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  const run = await findRemoteRun(client, reference);
  const { items: jobs } = await client.get(`/v1/pipeline-runs/${run.id}/jobs`, jobsAnswer);
  const job = jobs.find((each) => each.name === name);
  if (job === undefined) {
    const names = jobs.map((each) => each.name);
    throw new WaybillError("CLI_UNKNOWN_JOB", { run: run.number, job: name, hint: hintFor(name, names, "jobs") });
  }
  const explanation = await client.get(`/v1/jobs/${job.id}/explanation`, explanationAnswer);
  const position = job.steps.findIndex((step) => step.name === explanation.exit?.step);
  // Of a step there may be few among the last lines of the job.
  const wanted = position === -1 ? { tail: LINES_SHOWN } : { tail: LINES_LOOKED_AT, step: position };
  const { items } = await client.get(`/v1/jobs/${job.id}/logs`, linesAnswer, wanted);
  return await tellWhy(context, explanation as unknown as JobExplanation, items.slice(-LINES_SHOWN), options);
}

const LINES_LOOKED_AT = 1_000;
