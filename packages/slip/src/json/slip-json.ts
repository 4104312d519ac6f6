import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import type { Route } from "../route/route.ts";
import { LINKS, type AncestorEntry, type Component, type HistoryEntry, type Slip, type Step } from "../slip.ts";
import { describeProblem } from "./issue.ts";
import { SLIP_STATUSES, STEP_STATUSES, type StepStatus } from "../statuses.ts";

const instant = z.pipe(
  z.string().check(z.maxLength(64)),
  z.transform((text: string, context) => {
    const milliseconds = Date.parse(text);
    if (Number.isNaN(milliseconds) || !/^\d{4}-\d\d-\d\dT/.test(text)) {
      context.issues.push({ code: "custom", message: "not a time of RFC 3339", input: text });
    }
    return milliseconds;
  }),
);
const name = z.string();
const optionalText = z.prefault(z.string(), "");
const optionalInstant = z.prefault(z.nullable(instant), null);

const stepJson = z.object({
  status: z.enum(STEP_STATUSES),
  started_at: optionalInstant,
  completed_at: optionalInstant,
  actor: optionalText,
  error: optionalText,
});

const historyJson = z.object({
  step: name,
  component: optionalText,
  status: z.enum([...STEP_STATUSES, ...SLIP_STATUSES]),
  timestamp: instant,
  actor: name,
  message: optionalText,
});

const ancestorJson = z.object({
  commit_sha: name,
  repository: optionalText,
  correlation_id: name,
  status: z.enum(SLIP_STATUSES),
  failed_step: optionalText,
  link: z.enum(LINKS),
});

const componentJson = z.looseObject({ name, dockerfile_path: optionalText, image_tag: optionalText });

const slipJson = z.object({
  slip_id: name,
  correlation_id: name,
  repository: name,
  source_repository: z.optional(name),
  branch: optionalText,
  commit_sha: name,
  created_at: instant,
  updated_at: instant,
  status: z.enum(SLIP_STATUSES),
  components: z.prefault(z.array(componentJson), []),
  steps: z.prefault(z.record(name, stepJson), {}),
  state_history: z.prefault(z.array(historyJson), []),
  ancestry: z.prefault(z.object({ items: z.array(name), entries: z.array(ancestorJson) }), { items: [], entries: [] }),
  promoted_to: optionalText,
});

/** A slip as JSON, under the names of the wire. What is not set is left out. */
export function slipToJson(slip: Slip): Readonly<Record<string, unknown>> {
  return {
    slip_id: slip.slipId,
    correlation_id: slip.correlationId,
    repository: slip.repository,
    source_repository: slip.sourceRepository,
    branch: slip.branch,
    commit_sha: slip.commitSha,
    created_at: time(slip.createdAt),
    updated_at: time(slip.updatedAt),
    status: slip.status,
    components: slip.components.map(componentToJson),
    steps: Object.fromEntries(Object.entries(slip.steps).map(([key, step]) => [key, stepToJson(step)])),
    state_history: slip.stateHistory.map(historyToJson),
    ancestry: ancestryToJson(slip.ancestry),
    promoted_to: slip.promotedTo,
  };
}

/**
 * A slip from its JSON.
 *
 * @param route says which steps components have
 * @throws WaybillError `SLIP_DAMAGED`, naming the first thing that cannot be read
 */
export function slipFromJson(value: unknown, route: Route): Slip {
  const json = read(slipJson, value);
  return {
    slipId: json.slip_id,
    correlationId: json.correlation_id,
    repository: json.repository,
    sourceRepository: json.source_repository ?? json.repository,
    branch: json.branch,
    commitSha: json.commit_sha,
    createdAt: json.created_at,
    updatedAt: json.updated_at,
    status: json.status,
    components: json.components.map((each) => componentFromJson(each, route)),
    steps: Object.fromEntries(
      Object.entries(json.steps).map(([key, step]): [string, Step] => [
        key,
        {
          status: step.status,
          startedAt: step.started_at,
          completedAt: step.completed_at,
          actor: step.actor,
          error: step.error,
        },
      ]),
    ),
    stateHistory: json.state_history,
    ancestry: json.ancestry.entries.map(ancestorFromJson),
    promotedTo: json.promoted_to,
  };
}

/** @throws WaybillError `SLIP_DAMAGED` */
export function parseSlip(text: string, route: Route): Slip {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new WaybillError("SLIP_DAMAGED", { problem: "it is not JSON" }, { cause });
  }
  return slipFromJson(value, route);
}

export function componentToJson(component: Component): Readonly<Record<string, unknown>> {
  const statuses = Object.entries(component.statuses).map(([step, status]) => [`${step}_status`, status]);
  return {
    name: component.name,
    dockerfile_path: component.dockerfilePath,
    ...Object.fromEntries(statuses),
    ...(component.imageTag === "" ? {} : { image_tag: component.imageTag }),
  };
}

function componentFromJson(json: z.infer<typeof componentJson>, route: Route): Component {
  const statuses = route.componentSteps.map((step): [string, StepStatus] => {
    const status = json[`${step.name}_status`] ?? "pending";
    return [step.name, read(z.enum(STEP_STATUSES), status)];
  });
  return {
    name: json.name,
    dockerfilePath: json.dockerfile_path,
    imageTag: json.image_tag,
    statuses: Object.fromEntries(statuses),
  };
}

export function stepToJson({ status, startedAt, completedAt, actor, error }: Step): Readonly<Record<string, unknown>> {
  return {
    status,
    ...(startedAt === null ? {} : { started_at: time(startedAt) }),
    ...(completedAt === null ? {} : { completed_at: time(completedAt) }),
    ...(actor === "" ? {} : { actor }),
    ...(error === "" ? {} : { error }),
  };
}

export function historyToJson(entry: HistoryEntry): Readonly<Record<string, unknown>> {
  const { step, component, status, timestamp, actor, message } = entry;
  return {
    step,
    ...(component === "" ? {} : { component }),
    status,
    timestamp: time(timestamp),
    actor,
    ...(message === "" ? {} : { message }),
  };
}

/** An object, as columns for JSON hold no list at their root. */
export function ancestryToJson(ancestry: readonly AncestorEntry[]): Readonly<Record<string, unknown>> {
  return {
    items: ancestry.map(({ commitSha }) => commitSha),
    entries: ancestry.map(({ commitSha, repository, correlationId, status, failedStep, link }) => ({
      commit_sha: commitSha,
      repository,
      correlation_id: correlationId,
      status,
      failed_step: failedStep,
      link,
    })),
  };
}

/** @throws WaybillError `SLIP_DAMAGED` */
export function ancestryFromJson(value: unknown): readonly AncestorEntry[] {
  return read(z.object({ entries: z.array(ancestorJson) }), value).entries.map(ancestorFromJson);
}

function ancestorFromJson(json: z.infer<typeof ancestorJson>): AncestorEntry {
  return {
    commitSha: json.commit_sha,
    repository: json.repository,
    correlationId: json.correlation_id,
    status: json.status,
    failedStep: json.failed_step,
    link: json.link,
  };
}

function read<Value>(schema: z.ZodMiniType<Value>, value: unknown): Value {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const problem = describeProblem(result.error);
  throw new WaybillError("SLIP_DAMAGED", { problem }, { cause: result.error });
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
