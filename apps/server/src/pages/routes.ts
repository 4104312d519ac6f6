import { isSettled, type JobRecord } from "@waybill/engine";
import { stripVTControlCharacters } from "node:util";
import { projectIdsOf } from "../access/guard.ts";
import { runOf } from "../api/records.ts";
import { idParams } from "../api/schemas.ts";
import { defineRoute, type Route } from "../http/route.ts";
import type { Services } from "../services.ts";
import { runPage, runsPage } from "./run-page.ts";
import { PAGE_POLICY } from "./style.ts";

const PAGE_HEADERS = { "content-security-policy": PAGE_POLICY, "referrer-policy": "no-referrer" };
const SHOWN_RUNS = 50;
const TAIL_LINES = 30;
const MAX_LINE = 2_000;
/** Jobs whose last lines are shown: those that failed, then those that run. */
const MAX_TAILS = 10;

/** Pages for people, until there is a user interface. */
export const pageRoutes: readonly Route[] = [
  defineRoute({
    id: "showRuns",
    method: "GET",
    path: "/",
    summary: "The newest runs as a page",
    tag: "pages",
    access: { permission: "runs:read", on: "projects" },
    responses: { 200: { description: "The page", schema: null, contentType: "text/html" } },
    async handle(request, { store, clock }) {
      const projectIds = projectIdsOf(request);
      const runs = await store.page({ ...(projectIds === undefined ? {} : { projectIds }), limit: SHOWN_RUNS });
      const text = runsPage(runs, clock.now());
      return { status: 200, text, contentType: "text/html; charset=utf-8", headers: PAGE_HEADERS };
    },
  }),
  defineRoute({
    id: "showRun",
    method: "GET",
    path: "/runs/{id}",
    summary: "A run as a page: its status, jobs, steps, and the last lines of what failed or runs",
    tag: "pages",
    access: { permission: "logs:read", on: "run" },
    params: idParams,
    responses: { 200: { description: "The page", schema: null, contentType: "text/html" } },
    async handle({ params }, services) {
      const run = await runOf(services, params.id);
      const { store, clock } = services;
      const [jobs, steps, artifacts] = await Promise.all([
        store.jobs(run.id),
        store.steps(run.id),
        store.artifacts(run.id),
      ]);
      const tails = await tailsOf(services, run.id, jobs, isSettled(run.status));
      const page = runPage({ run, jobs, steps, artifacts, tails, now: clock.now() });
      return {
        status: 200,
        text: page,
        contentType: "text/html; charset=utf-8",
        headers: PAGE_HEADERS,
      };
    },
  }),
];

async function tailsOf(
  { logs }: Services,
  runId: string,
  jobs: readonly JobRecord[],
  isOver: boolean,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ofStatus = (wanted: JobRecord["status"]): readonly JobRecord[] =>
    jobs.filter(({ status }) => status === wanted);
  const interesting = [...ofStatus("failed"), ...ofStatus("running"), ...ofStatus("retry")];
  // Where nothing is wrong, what came last is the news.
  const last = isOver ? jobs.filter(({ startedAt }) => startedAt !== null).slice(-1) : [];
  const tails = new Map<string, readonly string[]>();
  for (const { id, name } of (interesting.length > 0 ? interesting : last).slice(0, MAX_TAILS)) {
    const count = await logs.lineCount(runId, name);
    const lines: string[] = [];
    for await (const { text } of logs.read(runId, name, { fromLine: Math.max(0, count - TAIL_LINES) })) {
      // What draws a progress bar shows what came last.
      const shown =
        stripVTControlCharacters(text.slice(-MAX_LINE))
          .split("\r")
          .findLast((part) => part !== "") ?? "";
      lines.push(shown);
      if (lines.length > TAIL_LINES) lines.shift();
    }
    tails.set(id, lines);
  }
  return tails;
}
