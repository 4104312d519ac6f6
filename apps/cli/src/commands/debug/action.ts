import { MASK, WaybillError } from "@waybill/core";
import { attemptsOf, HandedOn, type SavedArtifact } from "@waybill/engine";
import { getExecutionOrder, type PipelineJob } from "@waybill/pipeline";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { readParameters } from "../../files/parameters.ts";
import { readStoredJob, type StoredJob } from "../../files/stored-run.ts";
import type { ParameterOptions } from "../../options.ts";
import { hintFor } from "../../text/hint.ts";
import { safeLine } from "../../text/safe-line.ts";
import { ContainerCommands } from "./container-commands.ts";
import { recipeOf, WORKSPACE_MARKER, type JobRecipe } from "./recipe.ts";
import { setupCommands, stepCommand } from "./render.ts";

export interface DebugOptions extends ParameterOptions {
  readonly step?: string;
  readonly json?: boolean;
}

export async function debug(
  context: CommandContext,
  reference: string,
  jobName: string,
  options: DebugOptions,
): Promise<ExitCode> {
  const parameters = readParameters(context, options);
  const stored = await readStoredJob(context, reference, jobName);
  // It is there: `readStoredJob` has looked.
  const job = stored.definition.jobs.get(jobName) as PipelineJob;
  const position = options.step === undefined ? failedStep(stored, job) : askedStep(job, options.step);
  const executor = attemptsOf(jobName, stored.events).at(-1)?.executor ?? null;
  const containers =
    executor === "docker" ? new ContainerCommands(job.place, await import("@waybill/executors")) : null;
  const workspace = containers?.workspace ?? WORKSPACE_MARKER;
  const recipe = recipeOf(stored, { job, upTo: position, parameters, executor, workspace });
  const { project } = stored.paths;
  const setup = [
    ...setupCommands({
      ...{ project, isInGit: isInGit(project), run: stored.run.number, artifacts: artifactsOf(stored, job) },
      // This very program: who pastes the commands need not have it on the path.
      waybill: process.argv.slice(0, 2),
    }),
    ...(containers?.setup() ?? []),
  ];
  // The last one alone: commands pasted behind one that reads the terminal would be its input.
  const hasTerminal = (index: number): boolean => context.stdout.isTTY && index === position;
  const commands = recipe.steps.map((step, index) => containers?.step(step, hasTerminal(index)) ?? stepCommand(step));
  const remarks = [...remarksOf(stored, job, recipe), ...placeRemarks(executor, recipe, commands)];
  if (Object.keys(parameters).length === 0) {
    remarks.push("Values that the run was given with --var are not kept: give them again, where it was.");
  }
  if (options.json) {
    const steps = recipe.steps.map((step, index) => ({
      step: step.name,
      executor,
      image: containers?.imageOf(step) ?? step.image,
      working_directory: inJson(step.workingDirectory),
      environment: Object.fromEntries(Object.entries(step.environment).map(([name, value]) => [name, inJson(value)])),
      script: step.script.map(inJson),
      command: commands[index],
    }));
    const step = job.steps[position]?.name;
    await writeJson(context, {
      run: stored.run.number,
      job: jobName,
      step,
      setup,
      steps,
      redacted: recipe.redacted,
      remarks,
    });
  } else {
    // Nothing but commands on stdout: not every shell takes comments where lines are pasted.
    for (const remark of remarks) await write(context.stderr, `${safeLine(remark, false)}\n`);
    await write(
      context.stdout,
      [...setup, ...commands].map((command) => `${safeCommand(command, context)}\n`).join(""),
    );
  }
  return SUCCESS;
}

/** The step that failed last; where none did, the last one. */
function failedStep(stored: StoredJob, job: PipelineJob): number {
  const failed = attemptsOf(job.name, stored.events)
    .at(-1)
    ?.steps.findLast(({ status }) => status === "failed" || status === "cancelled");
  const position = job.steps.findIndex(({ name }) => name === failed?.step);
  return position === -1 ? job.steps.length - 1 : position;
}

function askedStep(job: PipelineJob, asked: string): number {
  const byName = job.steps.findIndex(({ name }) => name === asked);
  const position = byName === -1 ? job.steps.findIndex((_, index) => String(index + 1) === asked) : byName;
  if (position !== -1) return position;
  const names = new Set(job.steps.map(({ name }) => name));
  throw new WaybillError("CLI_UNKNOWN_STEP", { step: asked, hint: hintFor(asked, names, "steps") });
}

/** What the jobs before this one built, in the order in which the job got it. */
function artifactsOf({ definition, artifacts }: StoredJob, job: PipelineJob): readonly SavedArtifact[] {
  const byJob = Map.groupBy(artifacts, ({ jobName }) => jobName);
  const handedOn = new HandedOn((name) => byJob.get(name) ?? []);
  for (const name of getExecutionOrder(definition).flat()) {
    const received = handedOn.receive(definition.jobs.get(name) as PipelineJob);
    if (name === job.name) return received;
  }
  return [];
}

function isInGit(directory: string): boolean {
  for (let current = directory; ; current = dirname(current)) {
    if (existsSync(join(current, ".git"))) return true;
    if (dirname(current) === current) return false;
  }
}

function remarksOf(stored: StoredJob, job: PipelineJob, { steps, incomplete }: JobRecipe): string[] {
  const last = steps.at(-1)?.name ?? "";
  const remarks = [
    `Up to step "${last}" of job ${job.name}, run ${stored.run.number}, for sh, bash and zsh; the files of the project are as they are now.`,
  ];
  for (const text of incomplete) remarks.push(`Only the run knew what this stands for, so it is as written: ${text}`);
  for (const { name, action } of steps) {
    if (action !== null) remarks.push(`Step "${name}" is the action ${action}, which has no script.`);
  }
  return remarks;
}

/** What is different where the commands run from where the job ran. */
function placeRemarks(
  executor: string | null,
  { steps, redacted }: JobRecipe,
  commands: readonly string[],
): readonly string[] {
  const remarks: string[] = [];
  const names = redacted.join(", ");
  if (executor !== "docker") {
    if (names !== "") remarks.push(`Not shown, to be put in place of ***: ${names}`);
    const images = [...new Set(steps.flatMap(({ image }) => (image === null ? [] : [image])))].join(", ");
    const inside = images === "" ? "" : ` with the root file system of ${images}`;
    if (executor === "sandbox") {
      remarks.push(`The job ran in a sandbox${inside}; the commands run it outside, on this machine's own tools.`);
    }
    return remarks;
  }
  if (names !== "") remarks.push(`Not shown, to be exported in your shell before: ${names}`);
  if (commands.some((command) => command.includes(MASK))) {
    remarks.push("Where *** stands for a secret, put it there.");
  }
  if (steps.length > 1) {
    remarks.push(
      "Each step gets a container of its own: what an earlier one changed outside of the workspace, its home and its temporary directory is not there.",
    );
  }
  return remarks;
}

function inJson(text: string): string {
  return text.replaceAll(WORKSPACE_MARKER, "$workspace");
}

/** A command that steers the terminal it is shown on could hide what it does; in a file it has to be exact. */
function safeCommand(command: string, context: CommandContext): string {
  if (!context.stdout.isTTY) return command;
  return command
    .split("\n")
    .map((line) => safeLine(line, false))
    .join("\n");
}
