import type { Query } from "../query.ts";
import { runsQuery, type RunPage } from "./runs.ts";

export const RUN_STATUSES = ["pending", "running", "success", "failed", "cancelled"] as const;

export type RunStatus = (typeof RUN_STATUSES)[number];

/** Which runs a table shows, as the address has it: text. */
export interface RunFilter {
  readonly status?: RunStatus;
  readonly branch?: string;
  /** A full one, for tags and pull requests. */
  readonly ref?: string;
  readonly trigger?: string;
  /** Ids. */
  readonly project?: string;
  readonly cursor?: string;
}

const SHOWN = 50;
const TEXTS = ["branch", "ref", "trigger", "project", "cursor"] as const;

export function runFilter(search: Record<string, unknown>): RunFilter {
  const status = RUN_STATUSES.find((each) => each === search["status"]);
  const texts = TEXTS.flatMap((name): [string, string][] => {
    const text = textOf(search[name]);
    return text === null ? [] : [[name, text]];
  });
  return { ...(status === undefined ? {} : { status }), ...(Object.fromEntries(texts) as Omit<RunFilter, "status">) };
}

/** An address is text: a branch may be `12` or `true`. @returns null: there is none */
export function textOf(value: unknown): string | null {
  const isText = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isText && value !== "" ? String(value) : null;
}

/** Whether anything but the page is asked for. */
export function isFiltered(filter: RunFilter): boolean {
  return Object.keys(filter).some((name) => name !== "cursor");
}

/** @param pipelineId undefined: of all */
export function filteredRunsQuery({ project, ...filter }: RunFilter, pipelineId?: string): Query<RunPage> {
  return runsQuery({
    limit: SHOWN,
    ...filter,
    ...(project === undefined ? {} : { project_id: project }),
    ...(pipelineId === undefined ? {} : { pipeline_id: pipelineId }),
  });
}
