import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import * as z from "zod/mini";
import { repositoryRoot } from "./repository.ts";

export const program = join(repositoryRoot, "apps/cli/dist/waybill.js");

export interface CommandResult {
  /** Null: ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  /** Added to the environment of this process; undefined removes. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

/** Runs the built command line to its end. It is killed, should the test end first. */
export async function waybill(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  if (!existsSync(program)) throw new Error("apps/cli/dist/waybill.js does not exist: run script/build first.");
  // Behind `--`, or Node would take an `--env-file` for its own.
  return runCommand(process.execPath, ["--", program, ...args], options);
}

/** Runs any program with its arguments; stdin is `input`, or empty. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...options.environment },
    stdio: "pipe",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A program that ends without reading its input breaks the pipe: no concern of the test.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

const jobResultSchema = z.looseObject({ status: z.string(), reason: z.nullable(z.string()) });

/** The fields every event of `waybill run --json` has, and those the tests read. */
const eventSchema = z.looseObject({
  seq: z.int(),
  time: z.iso.datetime(),
  type: z.string(),
  run: z.string(),
  job: z.optional(z.string()),
  step: z.optional(z.nullable(z.string())),
  status: z.optional(z.string()),
  line: z.optional(z.string()),
  jobs: z.optional(z.union([z.array(z.string()), z.record(z.string(), jobResultSchema)])),
});

export type RunEventLine = z.infer<typeof eventSchema>;

export interface PipelineRun extends CommandResult {
  readonly events: readonly RunEventLine[];
  /** Status of every job, by name, as the last event tells it. */
  readonly jobs: Readonly<Record<string, string>>;
}

/** Runs a pipeline with `--json` and reads its events. */
export async function runPipeline(args: readonly string[], options: CommandOptions): Promise<PipelineRun> {
  const result = await waybill(["run", "--json", ...args], options);
  const events = result.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => eventSchema.parse(JSON.parse(line)));
  const results = events.at(-1)?.jobs ?? {};
  const jobs = Array.isArray(results)
    ? {}
    : Object.fromEntries(Object.entries(results).map(([name, { status }]) => [name, status]));
  return { ...result, events, jobs };
}

/** What a job printed to both streams, as one text. */
export function outputOf(run: PipelineRun, job: string): string {
  return run.events
    .filter((event) => event.type === "step.output" && event.job === job)
    .map((event) => event.line ?? "")
    .join("\n");
}
