import { visible, WaybillError, type Clock } from "@waybill/core";
import { ACTORS, SlipClient, type CommitGraph, type Environment, type SlipLogger } from "@waybill/slip";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { inspect } from "node:util";
import { lineLogger } from "./logger.ts";
import { openStore } from "./open-store.ts";
import { readSettings, VARIABLES, type SlippySettings } from "./settings.ts";

/** What the program sees of its process. */
export interface SlippyContext {
  readonly env: Environment;
  readonly clock: Clock;
  /** Whether a person reads what is written. */
  readonly isTerminal: boolean;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Aborted where the process is asked to stop. */
  readonly signal: AbortSignal;
}

/**
 * `slippy pre` and `slippy post`.
 *
 * @returns the exit code: 0, or 1 for everything that is to stop the workload
 */
export async function runSlippy(args: readonly string[], context: SlippyContext): Promise<0 | 1> {
  const [argument, ...rest] = args;
  if (argument === "--help" || argument === "-h" || argument === "help") {
    context.stdout(helpText());
    return 0;
  }
  const { env } = context;
  const logger = lineLogger({
    clock: context.clock,
    format:
      env["SLIPPY_LOG_FORMAT"] === "text" || (context.isTerminal && env["SLIPPY_LOG_FORMAT"] !== "json")
        ? "text"
        : "json",
    isDebug: isDebug(env),
    fields: {
      correlation_id: env["SLIPPY_CORRELATION_ID"] ?? "",
      step: env["SLIPPY_STEP_NAME"] ?? "",
      component: env["SLIPPY_COMPONENT_NAME"] ?? "",
      repository: env["SLIPPY_REPOSITORY"] ?? "",
    },
    write: context.stderr,
  });
  if (rest.length > 0) {
    logger.error(`unknown argument: ${visible(rest[0] ?? "")}; see slippy --help`);
    return 1;
  }
  try {
    // Switched off, it needs no other setting: so it can be switched off whatever is wrong with those.
    if (/^(?:false|0)$/i.test((env["SLIPPY_ENABLED"] ?? "").trim())) {
      logger.info("slips are switched off, the step goes on");
      return 0;
    }
    return await run(readSettings(env, argument), context, logger);
  } catch (error) {
    const isShadow = env["SLIPPY_SHADOW_MODE"] === "true";
    report(error, logger, isShadow, isDebug(env));
    return isShadow ? 0 : 1;
  }
}

async function run(settings: SlippySettings, context: SlippyContext, logger: SlipLogger): Promise<0 | 1> {
  const { mode, config, stepName, componentName } = settings;
  const workflow = { workflow: settings.workflowName, workflow_template: settings.workflowTemplate };
  logger.info(`slippy ${mode}`, { mode, ...workflow });
  const store = await openStore(config.settings.dsn, config.settings.route);
  try {
    const graph = await openGraph(settings.gitDirectory);
    const client = new SlipClient({ ...config.clientOptions(), store, graph, logger, clock: context.clock });
    const { correlationId, repository, branch, ref, imageTag } = settings;
    const step = { correlationId, repository, branch, ref, imageTag, stepName, componentName };
    if (mode === "post") {
      const { workflowStatus, failureMessage } = settings;
      const end = { ...step, workflowStatus, failureMessage, actor: ACTORS.post };
      const found = await client.runPostExecution(end, context.signal);
      logger.info("the end of the step is written", { correlation_id: found });
      return 0;
    }
    return await pre(client, settings, step, context, logger);
  } finally {
    await store.close();
  }
}

async function pre(
  client: SlipClient,
  settings: SlippySettings,
  step: Parameters<SlipClient["runPreExecution"]>[0],
  { signal }: SlippyContext,
  logger: SlipLogger,
): Promise<0 | 1> {
  const { prerequisites, holdTimeoutMs, pollIntervalMs, onMissingSlip, correlationIdFile } = settings;
  if (prerequisites?.every((name) => name === "") === true) logger.warn("this step waits for nothing");
  const { outcome, correlationId, slipId, error } = await client.runPreExecution(
    {
      ...step,
      actor: ACTORS.pre,
      onMissingSlip,
      ...(prerequisites === null ? {} : { prerequisites }),
      ...(holdTimeoutMs === null ? {} : { holdTimeoutMs }),
      ...(pollIntervalMs === null ? {} : { pollIntervalMs }),
    },
    signal,
  );
  if (correlationIdFile !== "" && correlationId !== "") writeFileSync(correlationIdFile, `${correlationId}\n`);
  const fields = { correlation_id: correlationId, slip_id: slipId, outcome };
  if (outcome === "proceed") {
    logger.info("the step goes on", fields);
    return 0;
  }
  logger.error(`the step does not go on: ${error?.message ?? outcome}`, fields);
  return 1;
}

async function openGraph(directory: string): Promise<CommitGraph | null> {
  if (directory === "") return null;
  const { openLocalGraph } = await import("./local-graph.ts");
  return openLocalGraph(resolve(directory));
}

function report(error: unknown, logger: SlipLogger, isShadow: boolean, debug: boolean): void {
  const prefix = isShadow ? "[SHADOW] " : "";
  const message = error instanceof Error ? error.message : String(error);
  const fields =
    error instanceof WaybillError
      ? { code: error.code, remedy: error.remedy }
      : { code: "INTERNAL", remedy: "This is a defect of slippy." };
  logger.error(`${prefix}${message}`, { ...fields, ...(debug ? { cause: inspect(error, { depth: 4 }) } : {}) });
}

function isDebug(env: Environment): boolean {
  return env["SLIPPY_DEBUG"] === "true";
}

function helpText(): string {
  const width = Math.max(...VARIABLES.map(([name]) => name.length));
  const rows = VARIABLES.map(
    ([name, fallback, meaning]) =>
      `  ${name.padEnd(width)}  ${meaning}${fallback === "" ? "" : ` (default: ${fallback})`}`,
  );
  return [
    "Usage: slippy pre | slippy post",
    "",
    "Before a step (pre): waits until what the step depends on has completed; exit code 0 lets it run, 1 does not.",
    "After a step (post): writes how it ended; exit code 0 once that is stored.",
    "",
    "Settings are variables of the environment:",
    ...rows,
    "",
  ].join("\n");
}
