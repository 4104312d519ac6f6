import type { EngineNotice, RunEvent } from "@waybill/engine";
import * as z from "zod/mini";
import type { StreamedEvent } from "./event-stream.ts";

const job = { job: z.string() };
const attempt = { ...job, attempt: z.int() };
const result = { status: z.string(), reason: z.nullable(z.string()), message: z.string(), attempts: z.int() };
const took = { duration_ms: z.number() };

/** What the views rely on, for each event they know. */
const EVENTS: Readonly<Record<RunEvent["type"], z.ZodMiniType>> = {
  "run.started": z.looseObject({ pipeline: z.string(), number: z.int(), jobs: z.array(z.string()) }),
  "run.resumed": z.looseObject({ pipeline: z.string(), number: z.int(), jobs: z.array(z.string()) }),
  "job.held": z.looseObject({ ...job, message: z.string() }),
  "job.released": z.looseObject({ ...job, message: z.string() }),
  "job.started": z.looseObject({ ...attempt, executor: z.string() }),
  "job.retry": z.looseObject({
    ...attempt,
    step: z.nullable(z.string()),
    reason: z.nullable(z.string()),
    message: z.string(),
    delay_ms: z.number(),
  }),
  "step.started": z.looseObject({ ...attempt, step: z.string() }),
  "step.finished": z.looseObject({
    ...attempt,
    ...took,
    step: z.string(),
    status: z.string(),
    exit_code: z.nullable(z.int()),
    signal: z.nullable(z.string()),
  }),
  "job.finished": z.looseObject({ ...job, ...result, ...took }),
  "run.finished": z.looseObject({
    ...took,
    status: z.enum(["success", "failed", "cancelled"]),
    reason: z.nullable(z.string()),
    jobs: z.record(z.string(), z.looseObject({ ...result, ...took })),
  }),
};

const head = z.looseObject({ time: z.string(), type: z.string() });

export type RunNotice = Extract<EngineNotice, { readonly event: RunEvent }>;

/** An event of a run's stream; null: one that this program does not know, of a newer server say, or that is damaged. */
export function runNotice({ data }: StreamedEvent): RunNotice | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  const parsed = z.safeParse(head, value);
  if (!parsed.success || !Object.hasOwn(EVENTS, parsed.data.type)) return null;
  const { time, seq: _seq, run: _run, ...event } = parsed.data;
  const at = Date.parse(time);
  if (Number.isNaN(at) || !z.safeParse(EVENTS[event.type as RunEvent["type"]], event).success) return null;
  return { time: at, event: event as unknown as RunEvent };
}
