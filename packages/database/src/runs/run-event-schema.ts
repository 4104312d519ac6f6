import { FAILURE_CAUSES, RETRY_RULES, type RunEvent } from "@waybill/engine";
import { FAILURE_CATEGORIES } from "@waybill/pipeline";
import * as z from "zod/mini";
import { reasonSchema } from "./reason-schema.ts";

const settledSchema = z.enum(["success", "failed", "cancelled"]);
const nullableReason = z.nullable(reasonSchema);

const jobResultSchema = z.looseObject({
  status: settledSchema,
  reason: nullableReason,
  message: z.string(),
  attempts: z.int(),
  duration_ms: z.number(),
});

/** Older events do not have them. A category, cause or rule of a newer version is left out, and the rest still read. */
const failureFields = {
  category: z.catch(z.optional(z.enum(FAILURE_CATEGORIES)), undefined),
  cause: z.catch(z.optional(z.enum(FAILURE_CAUSES)), undefined),
  service: z.optional(z.nullable(z.string())),
  retry_rule: z.catch(z.optional(z.enum(RETRY_RULES)), undefined),
};

/** One schema for each kind of event; the compiler finds a kind that the engine has and that is missing here. */
const EVENTS = {
  "run.started": z.looseObject({
    type: z.literal("run.started"),
    pipeline: z.string(),
    number: z.int(),
    jobs: z.array(z.string()),
  }),
  "run.resumed": z.looseObject({
    type: z.literal("run.resumed"),
    pipeline: z.string(),
    number: z.int(),
    jobs: z.array(z.string()),
  }),
  "job.held": z.looseObject({
    type: z.literal("job.held"),
    job: z.string(),
    message: z.string(),
    remedy: z.string(),
  }),
  "job.released": z.looseObject({ type: z.literal("job.released"), job: z.string(), message: z.string() }),
  "job.started": z.looseObject({
    type: z.literal("job.started"),
    job: z.string(),
    attempt: z.int(),
    executor: z.string(),
    executor_reason: z.optional(z.string()),
  }),
  "job.retry": z.looseObject({
    type: z.literal("job.retry"),
    job: z.string(),
    step: z.nullable(z.string()),
    attempt: z.int(),
    reason: reasonSchema,
    message: z.string(),
    delay_ms: z.number(),
    held: z.optional(z.boolean()),
    ...failureFields,
  }),
  "step.started": z.looseObject({
    type: z.literal("step.started"),
    job: z.string(),
    step: z.string(),
    attempt: z.int(),
  }),
  "step.finished": z.looseObject({
    type: z.literal("step.finished"),
    job: z.string(),
    step: z.string(),
    attempt: z.int(),
    status: settledSchema,
    exit_code: z.nullable(z.int()),
    signal: z.nullable(z.string()),
    reason: nullableReason,
    duration_ms: z.number(),
    ...failureFields,
  }),
  "job.finished": z.looseObject({
    type: z.literal("job.finished"),
    job: z.string(),
    status: settledSchema,
    reason: nullableReason,
    message: z.string(),
    attempts: z.int(),
    duration_ms: z.number(),
    remedy: z.optional(z.string()),
    ...failureFields,
  }),
  "run.finished": z.looseObject({
    type: z.literal("run.finished"),
    status: settledSchema,
    reason: nullableReason,
    duration_ms: z.number(),
    jobs: z.record(z.string(), jobResultSchema),
  }),
} satisfies { readonly [Type in RunEvent["type"]]: z.ZodMiniType<Extract<RunEvent, { readonly type: Type }>> };

/**
 * Events as the `events` table keeps them. Loose: a field that a newer Waybill added survives being read by this one.
 */
export const runEventSchema: z.ZodMiniType<RunEvent> = z.discriminatedUnion("type", [
  EVENTS["run.started"],
  EVENTS["run.resumed"],
  EVENTS["job.held"],
  EVENTS["job.released"],
  EVENTS["job.started"],
  EVENTS["job.retry"],
  EVENTS["step.started"],
  EVENTS["step.finished"],
  EVENTS["job.finished"],
  EVENTS["run.finished"],
]);
