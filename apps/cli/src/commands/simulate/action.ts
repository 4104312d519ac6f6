import { Simulation, type JobStatus, type SimulatedEvent } from "@waybill/engine";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { loadValidPipeline } from "../../files/valid-pipeline.ts";
import type { ParameterOptions } from "../../options.ts";
import { paintStatus } from "../../run/plain.ts";
import { safeLine } from "../../text/safe-line.ts";
import { styleFor, type Style } from "../../text/style.ts";
import { renderTable } from "../../text/table.ts";
import { readEvents } from "./read-events.ts";

export interface SimulateOptions extends ParameterOptions {
  readonly events?: string;
  readonly concurrency?: number;
  readonly job: readonly string[];
  readonly json?: boolean;
}

export async function simulate(
  context: CommandContext,
  file: string | undefined,
  options: SimulateOptions,
): Promise<ExitCode> {
  const json = options.json === true;
  const { definition, parameters, system } = await loadValidPipeline(
    context,
    file,
    { ...options, problemsAsJson: json },
    "simulate",
  );
  const events = options.events === undefined ? [] : await readEvents(context, options.events);
  const jobs = options.job.length === 0 ? null : options.job;
  const concurrency = options.concurrency ?? Number.MAX_SAFE_INTEGER;
  const begin = (): Simulation => new Simulation(definition, { concurrency, jobs, parameters, system });

  // Gone through once beforehand: an event that does not fit is reported before anything is printed, and the result,
  // which has every job after every event, need not be kept in memory.
  const trial = begin();
  for (const event of events) trial.apply(event);
  for (const { job, condition, message } of trial.warnings) {
    const text = `the condition \`${condition}\` of job "${job}" counts as true: ${message}`;
    await write(context.stderr, `warning: ${safeLine(text.replaceAll(/\s+/g, " "), false)}\n`);
  }
  if (json) await printJson(context, begin(), events);
  else await write(context.stdout, renderSimulation(begin(), events, styleFor(context.stdout, context.env)));
  return SUCCESS;
}

async function printJson(
  context: CommandContext,
  simulation: Simulation,
  events: readonly SimulatedEvent[],
): Promise<void> {
  const printStep = (prefix: string, event: SimulatedEvent | null): Promise<void> | undefined => {
    const { ready, status } = simulation;
    const step = { event, jobs: Object.fromEntries(simulation.statuses()), ready, run: status };
    return write(context.stdout, `${prefix}${JSON.stringify(step)}`);
  };
  await printStep('{"steps":[', null);
  for (const event of events) {
    simulation.apply(event);
    // On a terminal a line for each step: there a person reads.
    await printStep(context.stdout.isTTY ? ",\n" : ",", event);
  }
  await write(context.stdout, `],"warnings":${JSON.stringify(simulation.warnings)}}\n`);
}

/** Two tables: what each event changed, and where every job stands in the end. */
function renderSimulation(simulation: Simulation, events: readonly SimulatedEvent[], style: Style): string {
  const rows = [["EVENT", "RUN", "WHAT FOLLOWS"]];
  let before: ReadonlyMap<string, JobStatus> = new Map();
  for (const event of [null, ...events]) {
    if (event !== null) simulation.apply(event);
    const after = simulation.statuses();
    const changes = [...after]
      .filter(
        ([job, status]) => status !== (before.get(job) ?? "pending") && (job !== event?.job || status === "retry"),
      )
      .map(([job, status]) => `${job} ${status}`);
    rows.push([event === null ? "start" : eventText(event), simulation.status, changes.join(", ")]);
    before = after;
  }
  const ready = new Set(simulation.ready);
  const jobs = [...before].map(([job, status]) => [
    job,
    status,
    ready.has(job) ? "waits for a free slot" : safeLine(simulation.messageOf(job), false),
  ]);
  return `${paintedTable(rows, style)}\n${paintedTable([["JOB", "STATUS", "REASON"], ...jobs], style)}`;
}

function eventText({ job, outcome, exit_code, category }: SimulatedEvent): string {
  return [job, outcome, exit_code, category].filter((part) => part !== undefined).join(" ");
}

/** The second column has statuses. */
function paintedTable(rows: readonly (readonly string[])[], style: Style): string {
  return renderTable(rows, (padded, row, column) => {
    if (row === 0) return style.paint("dim", padded);
    if (column !== 1) return padded;
    const word = padded.trimEnd();
    return paintStatus(word, style) + padded.slice(word.length);
  });
}
