import {
  EVENT_KINDS,
  LINKS,
  SLIP_STATUSES,
  STEP_STATUSES,
  type AncestorEntry,
  type ComponentDefinition,
  type SlipEvent,
  type SlipHeader,
  type SlipSummary,
} from "@waybill/slip";
import * as z from "zod/mini";
import { RowParser } from "../row-parser.ts";

export const SUMMARY_COLUMNS = [
  "slip_id",
  "correlation_id",
  "repository",
  "source_repository",
  "branch",
  "commit_sha",
  "created_at",
  "updated_at",
  "status",
  "promoted_to",
] as const;

export const HEADER_COLUMNS = [
  "slip_id",
  "correlation_id",
  "repository",
  "source_repository",
  "branch",
  "commit_sha",
  "created_at",
  "components",
  "ancestry",
  "version",
] as const;

export const EVENT_COLUMNS = [
  "event_id",
  "kind",
  "time",
  "step",
  "component",
  "status",
  "actor",
  "message",
  "promoted_to",
] as const;

const identity = {
  slip_id: z.string(),
  correlation_id: z.string(),
  repository: z.string(),
  source_repository: z.string(),
  branch: z.string(),
  commit_sha: z.string(),
  created_at: z.int(),
};

const summaryRow = z.object({
  ...identity,
  updated_at: z.int(),
  status: z.enum(SLIP_STATUSES),
  promoted_to: z.string(),
});

const headerRow = z.object({ ...identity, components: z.string(), ancestry: z.string(), version: z.int() });

const eventRow = z.object({
  event_id: z.string(),
  kind: z.enum(EVENT_KINDS),
  time: z.int(),
  step: z.string(),
  component: z.string(),
  status: z.enum([...STEP_STATUSES, ...SLIP_STATUSES]),
  actor: z.string(),
  message: z.string(),
  promoted_to: z.string(),
});

const componentsJson = z.array(z.object({ name: z.string(), dockerfile_path: z.string() }));

const ancestryJson = z.array(
  z.object({
    commit_sha: z.string(),
    repository: z.string(),
    correlation_id: z.string(),
    status: z.enum(SLIP_STATUSES),
    failed_step: z.string(),
    link: z.enum(LINKS),
  }),
);

/** Turns rows into slips; nothing ill-typed comes past here. */
export class SlipRowReader extends RowParser {
  summary(row: unknown): SlipSummary {
    const { updated_at, status, promoted_to, ...columns } = this.parse(summaryRow, row);
    return { ...identityOf(columns), updatedAt: updated_at, status, promotedTo: promoted_to };
  }

  header(row: unknown): { readonly header: SlipHeader; readonly version: number } {
    const { components, ancestry, version, ...columns } = this.parse(headerRow, row);
    const header = {
      ...identityOf(columns),
      components: this.parse(componentsJson, this.json(components)).map(
        ({ name, dockerfile_path }): ComponentDefinition => ({ name, dockerfilePath: dockerfile_path }),
      ),
      ancestry: this.parse(ancestryJson, this.json(ancestry)).map(
        ({ commit_sha, correlation_id, failed_step, ...entry }): AncestorEntry => ({
          ...entry,
          commitSha: commit_sha,
          correlationId: correlation_id,
          failedStep: failed_step,
        }),
      ),
    };
    return { header, version };
  }

  event(row: unknown): SlipEvent {
    const { event_id, promoted_to, ...columns } = this.parse(eventRow, row);
    return { ...columns, id: event_id, promotedTo: promoted_to };
  }
}

function identityOf(columns: z.infer<z.ZodMiniObject<typeof identity>>): Omit<SlipHeader, "components" | "ancestry"> {
  return {
    slipId: columns.slip_id,
    correlationId: columns.correlation_id,
    repository: columns.repository,
    sourceRepository: columns.source_repository,
    branch: columns.branch,
    commitSha: columns.commit_sha,
    createdAt: columns.created_at,
  };
}

/** The lists of a slip as JSON text. */
export function listsToJson({ components, ancestry }: SlipHeader): {
  readonly components: string;
  readonly ancestry: string;
} {
  return {
    components: JSON.stringify(
      components.map(({ name, dockerfilePath }) => ({ name, dockerfile_path: dockerfilePath })),
    ),
    ancestry: JSON.stringify(
      ancestry.map(({ commitSha, correlationId, failedStep, ...entry }) => ({
        ...entry,
        commit_sha: commitSha,
        correlation_id: correlationId,
        failed_step: failedStep,
      })),
    ),
  };
}

export function eventToRow(
  event: SlipEvent,
): Record<(typeof EVENT_COLUMNS)[number], string> & { readonly time: number };
export function eventToRow({ id, promotedTo, ...event }: SlipEvent): unknown {
  return { ...event, event_id: id, promoted_to: promotedTo };
}
