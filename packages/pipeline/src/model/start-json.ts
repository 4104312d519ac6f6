import * as z from "zod/mini";
import type { PipelineDefinition } from "./definition.ts";
import { INPUT_TYPES, type PipelineInput } from "./input.ts";
import type { JsonObject } from "./json.ts";
import { PULL_REQUEST_ACTIONS, TRIGGER_EVENTS, type TriggerCondition } from "./trigger.ts";

/** What starts runs, as fields of a stored definition. */

const texts = z.nullable(z.array(z.string()));

const conditionSchema = z.strictObject({
  events: z.array(z.enum(TRIGGER_EVENTS)).check(z.minLength(1, "expected an event")),
  branches: texts,
  tags: texts,
  paths: texts,
  actions: z.nullable(z.array(z.enum(PULL_REQUEST_ACTIONS))),
  forks: z.nullable(z.boolean()),
});

const inputSchema = z.strictObject({
  name: z.string(),
  type: z.enum(INPUT_TYPES),
  description: z.string(),
  required: z.boolean(),
  default: z.nullable(z.union([z.string(), z.number(), z.boolean()], { error: "expected a value" })),
  options: z.array(z.string()),
});

/** Older versions took any map for a trigger. Whatever it said, the run it belongs to has been started. */
const olderTrigger = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value) && !Object.hasOwn(value, "events"),
  "expected a trigger",
);

export const startFields = {
  triggers: z.array(z.union([conditionSchema, olderTrigger], { error: "expected a trigger" })),
  schedule: z.optional(
    z.array(z.strictObject({ cron: z.string(), timezone: z.string(), branch: z.nullable(z.string()) })),
  ),
  inputs: z.optional(z.array(inputSchema)),
  concurrency: z.optional(
    z.strictObject({
      group: z.string(),
      cancel_in_progress: z.union([z.boolean(), z.string()], { error: "expected true, false or a text" }),
    }),
  ),
};

type StartJson = z.infer<z.ZodMiniObject<typeof startFields>>;
type Start = Pick<PipelineDefinition, "triggers" | "schedule" | "inputs" | "concurrency">;

export function triggerToJson(condition: TriggerCondition): JsonObject {
  return { ...condition };
}

/** Only what a pipeline says: most say nothing. */
export function startToJson({ schedule, inputs, concurrency }: Start): JsonObject {
  return {
    ...(schedule.length === 0 ? {} : { schedule: schedule.map((rule) => ({ ...rule })) }),
    ...(inputs.size === 0 ? {} : { inputs: [...inputs].map(([name, input]) => ({ name, ...input })) }),
    ...(concurrency === null
      ? {}
      : { concurrency: { group: concurrency.group, cancel_in_progress: concurrency.cancelInProgress } }),
  };
}

export function startFromJson(json: StartJson): Start {
  const { triggers, schedule = [], inputs = [], concurrency } = json;
  return {
    triggers: triggers.filter((trigger): trigger is z.infer<typeof conditionSchema> => "events" in trigger),
    schedule,
    inputs: new Map(inputs.map(({ name, ...input }): [string, PipelineInput] => [name, input])),
    concurrency:
      concurrency === undefined ? null : { group: concurrency.group, cancelInProgress: concurrency.cancel_in_progress },
  };
}
