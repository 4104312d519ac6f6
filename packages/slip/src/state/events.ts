import type { AncestorEntry, ComponentDefinition } from "../slip.ts";
import type { SlipStatus, StepStatus } from "../statuses.ts";

/** What is said of a slip once, when it is made. */
export interface SlipHeader {
  readonly slipId: string;
  readonly correlationId: string;
  readonly repository: string;
  readonly sourceRepository: string;
  readonly branch: string;
  readonly commitSha: string;
  /** Milliseconds since the epoch, of who made it. */
  readonly createdAt: number;
  readonly components: readonly ComponentDefinition[];
  readonly ancestry: readonly AncestorEntry[];
}

/**
 * - `step`: a step, or a component in it, has another status.
 * - `retry`: the commit was pushed again; the step begins anew.
 * - `slip`: the slip as a whole has another status.
 * - `note`: an entry of the history, without effect.
 */
export const EVENT_KINDS = ["step", "retry", "slip", "note"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Something that happened to a slip. Events are only ever added; all a slip shows follows from them. */
export interface SlipEvent {
  /** Whoever adds it again, after an answer that was lost say, adds nothing. */
  readonly id: string;
  readonly kind: EventKind;
  /** Milliseconds since the epoch, of who wrote it. Orders nothing: clocks differ. */
  readonly time: number;
  /** Empty for the slip as a whole. */
  readonly step: string;
  /** Empty: the step as a whole. */
  readonly component: string;
  readonly status: StepStatus | SlipStatus;
  readonly actor: string;
  readonly message: string;
  /** With the status `promoted`: correlation id of the slip that this one became part of. */
  readonly promotedTo: string;
}
