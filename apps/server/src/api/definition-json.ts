import type { Clock } from "@waybill/core";
import {
  DEFAULT_TRIGGERS,
  diagnosticToJson,
  parsePipeline,
  PULL_REQUEST_ACTIONS,
  systemVariables,
  TRIGGER_EVENTS,
  type Diagnostic,
  type ParseResult,
  type PipelineDefinition,
} from "@waybill/pipeline";
import * as z from "zod/mini";
import { levelsOf } from "./graph-levels.ts";
import { named } from "./schemas.ts";

const problem = named(
  "PipelineProblem",
  z.object({
    severity: z.enum(["error", "warning"]),
    code: z.string(),
    message: z.string(),
    /** From 1. */
    line: z.int(),
    column: z.int(),
    /** Of the field, as `jobs.build.steps[0]`. */
    path: z.string(),
    context: z.string(),
    suggestion: z.string(),
    help: z.string(),
  }),
);

const pipelineInput = named(
  "PipelineInput",
  z.object({
    name: z.string(),
    type: z.enum(["string", "boolean", "number", "choice"]),
    description: z.string(),
    required: z.boolean(),
    default: z.nullable(z.union([z.string(), z.number(), z.boolean()])),
    /** Of a choice. */
    options: z.array(z.string()),
  }),
);

const patterns = z.nullable(z.array(z.string()));

const triggerRule = named(
  "TriggerRule",
  z.object({
    events: z.array(z.enum(TRIGGER_EVENTS)),
    /** Null, here and below: any. */
    branches: patterns,
    tags: patterns,
    paths: patterns,
    actions: z.nullable(z.array(z.enum(PULL_REQUEST_ACTIONS))),
    /** Whether pull requests come from forks alone, or from the repository itself alone. */
    forks: z.nullable(z.boolean()),
  }),
);

const scheduleRule = named(
  "ScheduleRule",
  z.object({
    cron: z.string(),
    timezone: z.string(),
    /** Null: the default branch. */
    branch: z.nullable(z.string()),
  }),
);

const graph = named(
  "DefinitionGraph",
  z.object({
    /** As of a run's graph, without what only a run has. */
    jobs: z.array(z.object({ name: z.string(), level: z.int(), steps: z.int(), condition: z.nullable(z.string()) })),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
  }),
);

/** What a pipeline file says, or what is wrong with it. */
export const readDefinitionFields = {
  /** Null exactly where there are errors. */
  name: z.nullable(z.string()),
  problems: z.array(problem),
  /** All of them, also those beyond the 200 that are listed. */
  error_count: z.int(),
  graph: z.nullable(graph),
  /** In the order of the file. */
  inputs: z.array(pipelineInput),
  /** What starts runs, one of them is enough: those that hold where the file names none, too. */
  triggers: z.array(triggerRule),
  schedule: z.array(scheduleRule),
};
const fields = z.object(readDefinitionFields);

export interface ReadOptions {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** Never throws for what the file says. */
export function readDefinitionJson(
  bytes: Uint8Array,
  { path, parameters, clock }: ReadOptions,
): z.infer<typeof fields> {
  const result: ParseResult = parsePipeline(bytes, {
    file: path,
    parameters,
    missingInputs: "sampled",
    // Variables of the server's machine are nobody's who only looks.
    system: systemVariables({}),
    now: clock.now(),
  });
  const { definition, errors, warnings, errorCount } = result;
  return {
    name: definition?.name ?? null,
    problems: [
      ...errors.map((each) => problemJson("error", each)),
      ...warnings.map((each) => problemJson("warning", each)),
    ],
    error_count: errorCount,
    graph: definition === null ? null : graphJson(definition),
    inputs: [...(definition?.inputs ?? [])].map(([name, { options, ...input }]) => ({
      name,
      ...input,
      options: [...options],
    })),
    triggers: definition === null ? [] : triggersJson(definition),
    schedule: [...(definition?.schedule ?? [])],
  };
}

function triggersJson({ triggers }: PipelineDefinition): z.infer<typeof triggerRule>[] {
  const rules = triggers.length === 0 ? DEFAULT_TRIGGERS : triggers;
  const listed = <Item>(items: readonly Item[] | null): Item[] | null => (items === null ? null : [...items]);
  return rules.map(({ events, branches, tags, paths, actions, forks }) => ({
    events: [...events],
    branches: listed(branches),
    tags: listed(tags),
    paths: listed(paths),
    actions: listed(actions),
    forks,
  }));
}

function problemJson(severity: "error" | "warning", diagnostic: Diagnostic): z.infer<typeof problem> {
  const { file: _, ...rest } = diagnosticToJson(diagnostic);
  return { severity, ...rest };
}

function graphJson({ jobs }: PipelineDefinition): z.infer<typeof graph> {
  const before = new Map([...jobs].map(([name, { dependsOn }]) => [name, dependsOn]));
  const levels = levelsOf(before);
  return {
    jobs: [...jobs.values()].map(({ name, steps, condition }) => ({
      name,
      level: levels.get(name) ?? 0,
      steps: steps.length,
      condition,
    })),
    edges: [...before].flatMap(([to, names]) => names.map((from) => ({ from, to }))),
  };
}
