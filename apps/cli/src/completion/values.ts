import { errorRegistry } from "@waybill/core";
import type { CommandContext } from "../context.ts";
import type { Candidate, Completion, ValueSource } from "./complete.ts";

/** Runs to offer: more than fit on a screen help nobody. */
const MAX_RUNS = 20;

/** Commands whose JOB is one of their RUN, and not of the pipeline file. */
const COMMANDS_ABOUT_RUNS: ReadonlySet<string> = new Set(["artifacts", "logs", "why", "debug", "cancel"]);

/** Commands that are about runs of a server, which completion does not ask. */
const COMMANDS_OF_SERVERS: ReadonlySet<string> = new Set(["status", "rerun", "trigger", "approve"]);

/** What the placeholders of arguments and options stand for. A placeholder that is not here takes any text. */
const SOURCES: Readonly<
  Record<string, (context: CommandContext, words: readonly string[]) => Promise<Completion> | Completion>
> = {
  FILE: () => ({ candidates: [], files: true }),
  PATH: () => ({ candidates: [], files: true }),
  CODE: () => only(Object.entries(errorRegistry).map(([value, { title }]) => ({ value, description: title }))),
  RUN: async (context) => only([{ value: "latest", description: "the last run" }, ...(await runCandidates(context))]),
  JOB: async (context, words) =>
    only(COMMANDS_ABOUT_RUNS.has(words[0] ?? "") ? await jobsOfRun(context, words) : await jobs(context, words)),
  NAME: async (context, words) => only(await artifactsOfJob(context, words)),
  STEP: async (context, words) => only(await stepsOfRun(context, words)),
};

/** Looks values up in the project. Whatever goes wrong there: no candidates, and never a word in the user's line. */
export function projectValues(context: CommandContext): ValueSource {
  return async (placeholder, words) => {
    if (COMMANDS_OF_SERVERS.has(words[0] ?? "") && placeholder !== "PATH") {
      return only(placeholder === "RUN" ? [{ value: "latest", description: "the last run" }] : []);
    }
    try {
      // A command of another one has its arguments a word later.
      const own = words[0] === "artifacts" ? ["artifacts", ...words.slice(2)] : words;
      return await SOURCES[placeholder]?.(context, own);
    } catch {
      return only([]);
    }
  };
}

function only(candidates: readonly Candidate[]): Completion {
  return { candidates, files: false };
}

async function runCandidates(context: CommandContext): Promise<Candidate[]> {
  const store = await openStore(context);
  const records = (await store?.list(MAX_RUNS)) ?? [];
  await store?.close();
  return records.map((run) => ({ value: String(run.number), description: `${run.pipelineName}: ${run.status}` }));
}

/** Jobs of the pipeline file on the line, or of the nearest one; also of one that has errors elsewhere. */
async function jobs(context: CommandContext, words: readonly string[]): Promise<Candidate[]> {
  const { loadPipeline } = await import("../files/load-pipeline.ts");
  const file = words.slice(1).findLast((word, index) => !word.startsWith("-") && !words[index]?.startsWith("-"));
  const { definition } = await loadPipeline(context, file, { var: new Map(), envFile: [] }, "run");
  return [...(definition?.jobs.values() ?? [])].map((job) => ({
    value: job.name,
    description: job.dependsOn.length === 0 ? "" : `after ${job.dependsOn.join(", ")}`,
  }));
}

async function jobsOfRun(context: CommandContext, words: readonly string[]): Promise<Candidate[]> {
  const { findRun } = await import("../files/find-run.ts");
  const store = await openStore(context);
  const run = await findRun(store, words.find((word, index) => index > 0 && !word.startsWith("-")) ?? "latest");
  const records = (await store?.jobs(run.id)) ?? [];
  await store?.close();
  return records.map((job) => ({ value: job.name, description: job.status }));
}

async function artifactsOfJob(context: CommandContext, words: readonly string[]): Promise<Candidate[]> {
  const { findRun } = await import("../files/find-run.ts");
  const [, reference = "latest", jobName] = words.filter((word) => !word.startsWith("-"));
  const store = await openStore(context);
  const run = await findRun(store, reference);
  const job = (await store?.jobs(run.id))?.find(({ name }) => name === jobName);
  const artifacts = (await store?.artifacts(run.id)) ?? [];
  await store?.close();
  return artifacts.filter(({ jobId }) => jobId === job?.id).map(({ name }) => ({ value: name, description: "" }));
}

async function stepsOfRun(context: CommandContext, words: readonly string[]): Promise<Candidate[]> {
  const { findRun } = await import("../files/find-run.ts");
  const [, reference = "latest", jobName] = words.filter((word) => !word.startsWith("-"));
  const store = await openStore(context);
  const run = await findRun(store, reference);
  const records = (await store?.jobs(run.id)) ?? [];
  const steps = (await store?.steps(run.id)) ?? [];
  await store?.close();
  const wanted = new Set(records.filter(({ name }) => jobName === undefined || name === jobName).map(({ id }) => id));
  return steps.filter((step) => wanted.has(step.jobId)).map((step) => ({ value: step.name, description: step.status }));
}

async function openStore(
  context: CommandContext,
): Promise<Awaited<ReturnType<typeof import("../files/find-run.ts").openRuns>>> {
  const [{ openRuns }, { findProject }, { projectPaths }] = await Promise.all([
    import("../files/find-run.ts"),
    import("../files/pipeline-file.ts"),
    import("../files/project.ts"),
  ]);
  return openRuns(projectPaths(findProject(context, "run")));
}
