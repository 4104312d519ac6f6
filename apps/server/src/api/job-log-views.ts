import { problemOf } from "@waybill/logs";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import type { Services } from "../services.ts";
import { plainMatcher, regularMatcher } from "./log-matcher.ts";
import { scanLog } from "./log-scan.ts";
import { found } from "./records.ts";
import { idParams, named, timeOf } from "./schemas.ts";

/** Longer ones show only their beginning. */
const MAX_SHOWN = 500;
const MAX_MATCHES = 10_000;
const MAX_PROBLEMS = 2_000;
const MAX_SECTIONS = 2_000;
const MAX_PATTERN_LENGTH = 500;
/** Written to the connection at once. */
const CHUNK_CHARACTERS = 64 * 1024;

const flag = z.prefault(z.enum(["true", "false"]), "false");
const line = z.coerce.number().check(z.int(), z.minimum(0), z.maximum(2 ** 31));

const matches = named(
  "LogMatches",
  z.object({
    /** Numbers of the lines that match, from 0. */
    lines: z.array(z.int()),
    /** From here on nobody has looked yet. */
    next_line: z.int(),
    total_lines: z.int(),
    is_complete: z.boolean(),
  }),
);

const problem = z.object({
  line: z.int(),
  level: z.enum(["error", "warning"]),
  /** Id of the rule that the line fits; docs/reference/log-problems.md has them all. */
  rule: z.string(),
  step: z.int(),
  /** Of the step, from 1. */
  attempt: z.int(),
  /** Its beginning. */
  text: z.string(),
});
type Problem = z.infer<typeof problem>;

const problems = named(
  "LogProblems",
  z.object({
    items: z.array(problem),
    /** Where to look first: the first error of what ran last; null: there is none among the lines looked at. */
    first_error: z.nullable(problem),
    /** Lines that belong together, in order: a step that runs again, alone or with its job, begins another. */
    sections: z.array(z.object({ attempt: z.int(), step: z.int(), from_line: z.int(), lines: z.int() })),
    next_line: z.int(),
    total_lines: z.int(),
    is_complete: z.boolean(),
  }),
);
type Section = z.infer<typeof problems>["sections"][number];

export const jobLogViewRoutes: readonly Route[] = [
  defineRoute({
    id: "searchJobLog",
    method: "GET",
    path: "/v1/jobs/{id}/logs/search",
    summary: "Numbers of the lines of a job's log that match; looks at a bounded number of them at a time",
    tag: "runs",
    access: { permission: "logs:read", on: "job" },
    params: idParams,
    query: z.strictObject({
      /** A text, or with `regex` a regular expression of RE2. */
      q: z.string().check(z.minLength(1), z.maxLength(MAX_PATTERN_LENGTH)),
      regex: flag,
      case_sensitive: flag,
      from: z.prefault(line, 0),
      limit: z.prefault(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_MATCHES)), 1_000),
    }),
    responses: { 200: { description: "The lines, and where the next search goes on", schema: matches } },
    async handle({ params, query }, services) {
      const { q, from, limit } = query;
      const isCaseSensitive = query.case_sensitive === "true";
      const isMatch =
        query.regex === "true" ? await regularMatcher(q, isCaseSensitive) : plainMatcher(q, isCaseSensitive);
      const lines: number[] = [];
      const place = { ...(await placeOf(services, params.id)), from };
      const scanned = await scanLog(services.logs, services.clock, place, ({ text }, number) => {
        if (isMatch(text)) lines.push(number);
        return lines.length < limit;
      });
      return { status: 200, body: { lines, ...scannedJson(scanned) } };
    },
  }),
  defineRoute({
    id: "listJobLogProblems",
    method: "GET",
    path: "/v1/jobs/{id}/logs/problems",
    summary:
      "Lines of a job's log that look like errors and warnings, its first error, and which lines are of which step",
    tag: "runs",
    access: { permission: "logs:read", on: "job" },
    params: idParams,
    query: z.strictObject({ from: z.prefault(line, 0) }),
    responses: { 200: { description: "The problems, and where the next look goes on", schema: problems } },
    async handle({ params, query }, services) {
      const items: Problem[] = [];
      const sections: Section[] = [];
      const place = { ...(await placeOf(services, params.id)), from: query.from };
      const scanned = await scanLog(services.logs, services.clock, place, ({ text, step, attempt }, number) => {
        const section = sections.at(-1);
        if (section?.step === step && section.attempt === attempt) section.lines += 1;
        else sections.push({ attempt, step, from_line: number, lines: 1 });
        const rule = problemOf(text);
        if (rule !== null) {
          const { id, level } = rule;
          items.push({ line: number, level, rule: id, step, attempt, text: text.slice(0, MAX_SHOWN) });
        }
        return items.length < MAX_PROBLEMS && sections.length < MAX_SECTIONS;
      });
      const first_error = firstError(items, sections);
      return { status: 200, body: { items, first_error, sections, ...scannedJson(scanned) } };
    },
  }),
  defineRoute({
    id: "downloadJobLog",
    method: "GET",
    path: "/v1/jobs/{id}/logs/raw",
    summary: "A job's whole log as text, as it was printed and masked",
    tag: "runs",
    access: { permission: "logs:read", on: "job" },
    params: idParams,
    query: z.strictObject({
      /** Whether each line begins with its time. */
      timestamps: flag,
    }),
    responses: { 200: { description: "The text", schema: null, contentType: "text/plain; charset=utf-8" } },
    async handle({ params, query, signal }, services) {
      const { runId, jobName } = await placeOf(services, params.id);
      const stream = rawLog(services, runId, jobName, query.timestamps === "true", signal);
      const filename = `${jobName.replaceAll(/[^\w.-]+/g, "_").slice(0, 100)}.log`;
      const headers = { "content-disposition": `attachment; filename="${filename}"` };
      return { status: 200, stream, contentType: "text/plain; charset=utf-8", headers };
    },
  }),
];

async function placeOf({ store }: Services, jobId: string): Promise<{ runId: string; jobName: string }> {
  const { runId, job } = found(await store.findJob(jobId), "job", jobId);
  return { runId, jobName: job.name };
}

function scannedJson({ nextLine, totalLines }: { readonly nextLine: number; readonly totalLines: number }) {
  return { next_line: nextLine, total_lines: totalLines, is_complete: nextLine >= totalLines };
}

/** Steps that are tried again have failed before: what they printed last is what counts. */
function firstError(items: readonly Problem[], sections: readonly Section[]): Problem | null {
  const errors = items.filter(({ level }) => level === "error");
  for (const { from_line } of sections.toReversed()) {
    const inSection = errors.find(({ line: at }) => at >= from_line);
    if (inSection !== undefined) return inSection;
  }
  return errors[0] ?? null;
}

async function* rawLog(
  { logs }: Services,
  runId: string,
  jobName: string,
  hasTimes: boolean,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let chunk = "";
  for await (const { time, text } of logs.read(runId, jobName)) {
    if (signal.aborted) return;
    chunk += hasTimes ? `${timeOf(time)} ${text}\n` : `${text}\n`;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}
