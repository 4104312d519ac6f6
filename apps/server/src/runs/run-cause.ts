import { eventFromJson, eventToJson, type TriggerEvent } from "@waybill/projects";
import { INPUT_PREFIX } from "@waybill/pipeline";
import type { RunInput, RunOrigin } from "@waybill/engine";

/** What made a run begin, as `pipeline_runs.trigger_event` keeps it beside the event itself. */
export interface RunCause {
  readonly event: TriggerEvent;
  /** In words. */
  readonly reason: string;
  /** Whether it sees no secret, and does not begin, before somebody has looked at it. */
  readonly needsApproval: boolean;
}

export function causeToJson({ event, reason, needsApproval }: RunCause): Readonly<Record<string, unknown>> {
  return { ...eventToJson(event), reason, ...(needsApproval ? { needs_approval: true } : {}) };
}

/** @throws WaybillError `TRIGGER_EVENT_UNREADABLE` */
export function eventOf({ triggerEvent }: Pick<RunOrigin, "triggerEvent">): TriggerEvent {
  return eventFromJson(triggerEvent);
}

export function needsApprovalOf({ triggerEvent }: Pick<RunOrigin, "triggerEvent">): boolean {
  return triggerEvent["needs_approval"] === true;
}

/** Of the values of a run, those of the pipeline's `inputs`, by their names there. */
export function inputsOf(values: Readonly<Record<string, RunInput>>): Readonly<Record<string, RunInput>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(INPUT_PREFIX) ? [[name.slice(INPUT_PREFIX.length), value]] : [],
    ),
  );
}

/** As `inputsOf` takes them apart. */
export function asInputs(inputs: Readonly<Record<string, RunInput>>): Readonly<Record<string, RunInput>> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [INPUT_PREFIX + name, value]));
}
