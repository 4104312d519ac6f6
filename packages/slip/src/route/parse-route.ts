import { suggestNames, WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { parseDuration } from "../durations.ts";
import { describeProblem } from "../json/issue.ts";
import type { Route, RouteStep } from "./route.ts";

/** Of the text. A route is a page long. */
const MAX_BYTES = 1_000_000;
const MAX_STEPS = 200;
/** Names become columns of tables. */
const NAME = /^[a-z][a-z0-9_]{0,62}$/;
/** The name under which the history tells of the slip as a whole. */
const RESERVED = "slip";

const text = z.string().check(z.maxLength(200));

const stepJson = z.strictObject({
  name: z.string(),
  prerequisites: z.optional(z.array(z.string()).check(z.maxLength(MAX_STEPS))),
  hold_timeout: z.optional(z.string()),
  poll_interval: z.optional(z.string()),
  aggregates: z.optional(z.string()),
  workflow: z.optional(text),
  environment: z.optional(text),
});

/** A name alone is a step without prerequisites. */
const stepsJson = z.array(z.union([z.string(), stepJson])).check(z.maxLength(MAX_STEPS));

const routeJson = z.strictObject({
  version: z.optional(z.union([text, z.number()])),
  name: z.optional(text),
  steps: stepsJson.check(z.minLength(1)),
  component_steps: z.optional(stepsJson),
  source_steps: z.optional(stepsJson),
  final_step: z.optional(z.string()),
});

/**
 * A route from its JSON text.
 *
 * @throws WaybillError `SLIP_ROUTE_INVALID`, naming the first thing that is wrong
 */
export function parseRoute(json: string): Route {
  if (json.length > MAX_BYTES) throw invalid("it is longer than 1 MB");
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid(`it is not JSON: ${(cause as Error).message}`, cause);
  }
  const parsed = z.safeParse(routeJson, value);
  if (!parsed.success) {
    throw invalid(describeProblem(parsed.error), parsed.error);
  }
  const { version = 1, name = "", steps, component_steps = [], source_steps = [], final_step } = parsed.data;
  const route: Route = {
    name,
    version: String(version),
    steps: steps.map(stepOf),
    componentSteps: component_steps.map(stepOf),
    sourceSteps: source_steps.map(stepOf),
    finalStep: final_step ?? nameOf(steps.at(-1)),
  };
  checkRoute(route);
  return route;
}

/** @throws WaybillError `SLIP_ROUTE_INVALID` */
export function checkRoute(route: Route): void {
  const all = [...route.steps, ...route.componentSteps, ...route.sourceSteps];
  checkNames(all);
  const names = new Set(all.map(({ name }) => name));
  for (const step of all) {
    for (const name of step.prerequisites) {
      if (!names.has(name)) throw invalid(`"${step.name}" waits for "${name}", ${unknown(name, names)}`);
    }
    if (step.aggregates !== null) checkAggregate(route, step, names);
  }
  if (!route.steps.some(({ name }) => name === route.finalStep)) {
    throw invalid(`final_step is "${route.finalStep}", ${unknown(route.finalStep, names)}`);
  }
  const cycle = findCycle(all);
  if (cycle !== null) throw invalid(`steps wait for each other: ${cycle.join(" -> ")}`);
}

function checkNames(steps: readonly RouteStep[]): void {
  const seen = new Set<string>();
  for (const { name } of steps) {
    if (!NAME.test(name)) {
      throw invalid(`"${name}" cannot be a step: names are lower-case letters, digits and _, a letter first`);
    }
    if (name === RESERVED) throw invalid(`"${name}" cannot be a step: the history has it for the slip itself`);
    if (seen.has(name)) throw invalid(`two steps are called "${name}"`);
    seen.add(name);
  }
}

function checkAggregate(route: Route, step: RouteStep, names: ReadonlySet<string>): void {
  const target = step.aggregates ?? "";
  if (!route.steps.includes(step)) throw invalid(`"${step.name}" cannot aggregate: it is no step of the route`);
  if (!names.has(target)) throw invalid(`"${step.name}" aggregates "${target}", ${unknown(target, names)}`);
  if (target === step.name) throw invalid(`"${step.name}" aggregates itself`);
}

/** Through prerequisites and aggregates alike: each of them waits for the other's outcome. */
function findCycle(steps: readonly RouteStep[]): readonly string[] | null {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): readonly string[] | null => {
    if (done.has(name)) return null;
    const at = path.indexOf(name);
    if (at >= 0) return [...path.slice(at), name];
    path.push(name);
    const step = byName.get(name);
    const behind = [
      ...(step?.prerequisites ?? []),
      ...(step === undefined || step.aggregates === null ? [] : [step.aggregates]),
    ];
    for (const next of behind) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(name);
    return null;
  };
  for (const { name } of steps) {
    const cycle = visit(name);
    if (cycle !== null) return cycle;
  }
  return null;
}

type StepJson = z.infer<typeof stepJson>;

function nameOf(step: string | StepJson | undefined): string {
  return typeof step === "string" ? step : (step?.name ?? "");
}

function stepOf(step: string | StepJson): RouteStep {
  const json: StepJson = typeof step === "string" ? { name: step } : step;
  return {
    name: json.name,
    prerequisites: [...new Set(json.prerequisites)],
    holdTimeoutMs: durationOf(json.name, "hold_timeout", json.hold_timeout),
    pollIntervalMs: durationOf(json.name, "poll_interval", json.poll_interval),
    aggregates: json.aggregates ?? null,
    workflow: json.workflow ?? null,
    environment: json.environment ?? null,
  };
}

function durationOf(step: string, field: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  const milliseconds = parseDuration(value);
  if (milliseconds === null) throw invalid(`${field} of "${step}" is "${value}", which is no duration such as 60m`);
  return milliseconds;
}

function unknown(name: string, names: Iterable<string>): string {
  const [suggestion] = suggestNames(name, [...names]);
  return suggestion === undefined ? "which is no step" : `which is no step; did you mean "${suggestion}"?`;
}

function invalid(problem: string, cause?: unknown): WaybillError {
  return new WaybillError("SLIP_ROUTE_INVALID", { problem }, cause === undefined ? {} : { cause });
}
