import { ACTORS, type Component, type ComponentDefinition, type HistoryEntry, type Slip, type Step } from "../slip.ts";
import {
  isFailedStep,
  isSlipStatus,
  isStepStatus,
  isTerminalSlip,
  isTerminalStep,
  type EndingStatus,
  type SlipStatus,
  type StepStatus,
} from "../statuses.ts";
import { aggregatesOf, firstStep, isComponentStep, type Route } from "../route/route.ts";
import { aggregateOf } from "./aggregate.ts";
import type { SlipEvent, SlipHeader } from "./events.ts";

const NOTHING_YET: Step = { status: "pending", startedAt: null, completedAt: null, actor: "", error: "" };
/** The name under which the history tells of the slip as a whole. */
const SLIP = "slip";

/**
 * The slip that follows from what happened to it. Aggregates and the slip's own status are never written: they follow,
 * so that none can be lost or contradict what it stands for.
 *
 * Whoever reads the same events gets the same slip; guards are here and not where events are written, so that of two
 * who end a slip at once exactly one does, on any store.
 *
 * @param events in the order of the store, which all readers of the slip share
 */
export function foldSlip(header: SlipHeader, events: readonly SlipEvent[], route: Route): Slip {
  const fold = new Fold(header, route);
  for (const event of events) fold.apply(event);
  return fold.result();
}

interface FoldedComponent extends ComponentDefinition {
  readonly statuses: Record<string, StepStatus>;
}

class Fold {
  readonly #header: SlipHeader;
  readonly #route: Route;
  readonly #components: FoldedComponent[];
  readonly #steps = new Map<string, Step>();
  readonly #history: HistoryEntry[] = [];
  /** Steps whose failure fails the slip: those that failed since the last retry. */
  readonly #failures = new Set<string>();
  #updatedAt: number;
  #ended: EndingStatus | null = null;
  /** Set by hand; null: follows from the steps. */
  #set: SlipStatus | null = null;
  #promotedTo = "";

  constructor(header: SlipHeader, route: Route) {
    this.#header = header;
    this.#route = route;
    this.#updatedAt = header.createdAt;
    const pending = route.componentSteps.map(({ name }) => [name, "pending"] as const);
    this.#components = header.components.map((each) => ({ ...each, statuses: Object.fromEntries(pending) }));
    for (const { name } of route.steps) this.#steps.set(name, NOTHING_YET);
    this.#begin();
  }

  #begin(): void {
    const { createdAt: time, components } = this.#header;
    this.#setStep(firstStep(this.#route), "running", { time, message: "processing push event" });
    if (components.length > 0) return;
    // Nobody will ever report them, and what waits for them would wait for ever.
    for (const { name: source } of this.#route.componentSteps) {
      for (const { name } of aggregatesOf(this.#route, source)) {
        this.#setStep(name, "skipped", { time, message: "no components" });
      }
    }
  }

  apply(event: SlipEvent): void {
    const hasEffect = this.#applyKind(event);
    if (hasEffect) this.#updatedAt = Math.max(this.#updatedAt, event.time);
  }

  #applyKind(event: SlipEvent): boolean {
    switch (event.kind) {
      case "step":
        return this.#report(event);
      case "retry":
        return this.#retry(event);
      case "slip":
        return this.#changeSlip(event);
      case "note":
        this.#remember(event);
        return true;
    }
  }

  #report(event: SlipEvent): boolean {
    const { step, component: name, status } = event;
    if (!isStepStatus(status)) return false;
    if (!isComponentStep(this.#route, step)) {
      this.#setStep(step, status, event);
      return true;
    }
    this.#remember(event);
    const component = this.#components.find((each) => each.name === name);
    // Of a push that named no components; the history is all there is to tell of it.
    if (component === undefined) return true;
    const before = component.statuses[step] ?? "pending";
    component.statuses[step] = status;
    this.#aggregate(step, before, status, event);
    return true;
  }

  #setStep(
    name: string,
    status: StepStatus,
    cause: { readonly time: number; readonly message: string; readonly actor?: string; readonly component?: string },
  ): void {
    const { time, message, actor = ACTORS.library, component = "" } = cause;
    const before = this.#steps.get(name) ?? NOTHING_YET;
    this.#steps.set(name, stepAfter(before, status, time, actor, message));
    this.#history.push({ step: name, component, status, timestamp: time, actor, message });
    if (isFailedStep(status)) this.#failures.add(name);
    else this.#failures.delete(name);
    this.#aggregate(name, before.status, status, cause);
  }

  /** What summarises `source`, after its change. */
  #aggregate(
    source: string,
    before: StepStatus,
    after: StepStatus,
    { time, message }: { readonly time: number; readonly message: string },
  ): void {
    for (const { name } of aggregatesOf(this.#route, source)) {
      const now = this.#steps.get(name)?.status ?? "pending";
      const outcome = isComponentStep(this.#route, source)
        ? aggregateOf(this.#components.map(({ statuses }) => statuses[source] ?? "pending"))
        : isTerminalStep(after)
          ? { status: after, message }
          : null;
      if (outcome !== null && outcome.status !== now) {
        this.#setStep(name, outcome.status, { time, message: outcome.message });
      } else if (outcome === null && isTerminalStep(before) && isTerminalStep(now)) {
        this.#setStep(name, "running", { time, message: `${source} is under way again` });
      }
    }
  }

  #retry({ step, time, actor, message }: SlipEvent): boolean {
    const status = this.#status();
    if (isTerminalSlip(status) && status !== "failed") return false;
    this.#set = null;
    this.#setStep(step, "running", { time, actor, message });
    const begun = this.#steps.get(step);
    if (begun !== undefined) this.#steps.set(step, { ...begun, startedAt: time });
    if (status !== "failed") return true;
    // What has failed before does not fail the slip again, and what only failed for that waits anew.
    this.#failures.clear();
    const reset = { time, message: "reset by the retry" };
    for (const component of this.#components) {
      for (const { name } of this.#route.componentSteps) {
        if (component.statuses[name] !== "aborted") continue;
        component.statuses[name] = "pending";
        this.#remember({ ...reset, step: name, component: component.name, status: "pending", actor: ACTORS.library });
        this.#aggregate(name, "aborted", "pending", reset);
      }
    }
    for (const [name, each] of this.#steps) {
      if (each.status !== "aborted" || name === step) continue;
      this.#setStep(name, "pending", reset);
      this.#steps.set(name, NOTHING_YET);
    }
    return true;
  }

  #changeSlip(event: SlipEvent): boolean {
    const { status, promotedTo } = event;
    if (!isSlipStatus(status)) return false;
    if (status === "promoted" || status === "abandoned" || status === "cancelled") {
      if (isTerminalSlip(this.#status())) return false;
      this.#ended = status;
      this.#promotedTo = status === "promoted" ? promotedTo : "";
    } else {
      if (this.#ended !== null) return false;
      this.#set = status === "in_progress" ? null : status;
      if (status === "in_progress") this.#failures.clear();
    }
    this.#remember({ ...event, step: SLIP, component: "" });
    return true;
  }

  #remember({ step, component, status, time, actor, message }: Omit<SlipEvent, "id" | "kind" | "promotedTo">): void {
    this.#history.push({ step, component, status, timestamp: time, actor, message });
  }

  #status(): SlipStatus {
    if (this.#ended !== null) return this.#ended;
    if (this.#set !== null) return this.#set;
    if (this.#steps.get(this.#route.finalStep)?.status === "completed") return "completed";
    return this.#failures.size > 0 ? "failed" : "in_progress";
  }

  result(): Slip {
    const { components: _, ...header } = this.#header;
    return {
      ...header,
      updatedAt: this.#updatedAt,
      status: this.#status(),
      components: this.#components.map((each): Component => ({ ...each, imageTag: "" })),
      steps: Object.fromEntries(this.#steps),
      stateHistory: this.#history,
      promotedTo: this.#promotedTo,
    };
  }
}

/** Holding and waiting touch no times: what was begun has begun. */
function stepAfter(before: Step, status: StepStatus, time: number, actor: string, message: string): Step {
  const error = isFailedStep(status) ? message : "";
  if (status === "running") {
    const startedAt = before.startedAt === null || isTerminalStep(before.status) ? time : before.startedAt;
    return { status, startedAt, completedAt: null, actor, error };
  }
  return { ...before, status, completedAt: isTerminalStep(status) ? time : before.completedAt, actor, error };
}
