import { formatDuration } from "../durations.ts";

/** A step of which a slip knows the state. */
export interface RouteStep {
  readonly name: string;
  /** Names of steps: of the route, of components, or that are reported. */
  readonly prerequisites: readonly string[];
  /** How long it may be held; null: as long as the caller says. */
  readonly holdTimeoutMs: number | null;
  readonly pollIntervalMs: number | null;
  /** The component step or step whose outcome this one summarises; null: it has one of its own. */
  readonly aggregates: string | null;
  /** Of the workflow engine that runs it; null: not said. */
  readonly workflow: string | null;
  readonly environment: string | null;
}

/** The way of a commit to production. */
export interface Route {
  readonly name: string;
  readonly version: string;
  /** In order. Each has a status on the slip from the start. */
  readonly steps: readonly RouteStep[];
  /** Steps that each component has a status of: `build`, `unit_test`. */
  readonly componentSteps: readonly RouteStep[];
  /** Steps that are reported for the whole slip and only show in the step that aggregates them: `secret_scan`. */
  readonly sourceSteps: readonly RouteStep[];
  /** A slip whose step of this name has completed is completed. */
  readonly finalStep: string;
}

const HOUR_MS = 3_600_000;

function step(name: string, prerequisites: readonly string[], fields: Partial<RouteStep> = {}): RouteStep {
  return {
    name,
    prerequisites,
    holdTimeoutMs: HOUR_MS,
    pollIntervalMs: null,
    aggregates: null,
    workflow: null,
    environment: null,
    ...fields,
  };
}

/** The route of those who configure none: thirteen steps. */
export const DEFAULT_ROUTE: Route = {
  name: "default",
  version: "1",
  steps: [
    step("push_parsed", [], { holdTimeoutMs: null }),
    step("builds_completed", [], { holdTimeoutMs: null, aggregates: "build" }),
    step("unit_tests_completed", [], { holdTimeoutMs: null, aggregates: "unit_test" }),
    step("secret_scan_completed", [], { holdTimeoutMs: null, aggregates: "secret_scan" }),
    step("dev_deploy", ["builds_completed", "unit_tests_completed", "secret_scan_completed"], {
      holdTimeoutMs: 2 * HOUR_MS,
      workflow: "render-manualv2",
      environment: "dev",
    }),
    step("dev_tests", ["dev_deploy"], { workflow: "autotriggertests", environment: "dev" }),
    step("preprod_deploy", ["dev_tests"], { workflow: "render-manualv2", environment: "preprod" }),
    step("preprod_tests", ["preprod_deploy"], { workflow: "autotriggertests", environment: "preprod" }),
    step("prod_release_created", ["preprod_tests"], { workflow: "create-github-release" }),
    step("prod_deploy", ["prod_release_created"], { workflow: "releasev2" }),
    step("prod_tests", ["prod_deploy"], { workflow: "autotriggertests", environment: "prod" }),
    step("alert_gate", ["prod_tests"], { workflow: "alert-gate" }),
    step("prod_steady_state", [], { holdTimeoutMs: null, aggregates: "alert_gate" }),
  ],
  componentSteps: [
    step("build", ["push_parsed"], { workflow: "buildkit" }),
    step("unit_test", ["push_parsed"], { workflow: "unit-test" }),
  ],
  sourceSteps: [step("secret_scan", ["push_parsed"], { workflow: "secretscan" })],
  finalStep: "prod_steady_state",
};

/** The step that a push begins: the first of the route. */
export function firstStep(route: Route): string {
  return route.steps[0]?.name ?? "";
}

export function isComponentStep(route: Route, name: string): boolean {
  return route.componentSteps.some((each) => each.name === name);
}

/** The step of any kind that has this name. */
export function findStep(route: Route, name: string): RouteStep | null {
  const isOfName = (each: RouteStep): boolean => each.name === name;
  return route.steps.find(isOfName) ?? route.componentSteps.find(isOfName) ?? route.sourceSteps.find(isOfName) ?? null;
}

/** The steps that summarise a step of this name. */
export function aggregatesOf(route: Route, source: string): readonly RouteStep[] {
  return route.steps.filter((each) => each.aggregates === source);
}

/** Every name that a step may be reported under. */
export function stepNames(route: Route): readonly string[] {
  return [...route.componentSteps, ...route.sourceSteps, ...route.steps].map(({ name }) => name);
}

/** The route as JSON that `parseRoute` reads. */
export function routeToJson(route: Route): unknown {
  return {
    version: route.version,
    name: route.name,
    steps: route.steps.map(stepToJson),
    component_steps: route.componentSteps.map(stepToJson),
    source_steps: route.sourceSteps.map(stepToJson),
    final_step: route.finalStep,
  };
}

function stepToJson(each: RouteStep): unknown {
  return {
    name: each.name,
    prerequisites: each.prerequisites,
    ...(each.holdTimeoutMs === null ? {} : { hold_timeout: formatDuration(each.holdTimeoutMs) }),
    ...(each.pollIntervalMs === null ? {} : { poll_interval: formatDuration(each.pollIntervalMs) }),
    ...(each.aggregates === null ? {} : { aggregates: each.aggregates }),
    ...(each.workflow === null ? {} : { workflow: each.workflow }),
    ...(each.environment === null ? {} : { environment: each.environment }),
  };
}
