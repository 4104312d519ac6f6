import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import type { PipelineTemplate } from "../model/template.ts";
import type { DependencyGraph } from "./dependency-graph.ts";
import { listNames } from "./wording.ts";

/**
 * Warns where the timeouts somebody wrote contradict each other: jobs that run one after the other may, each within
 * its own timeout, take longer than the whole pipeline may.
 *
 * Timeouts are limits, not estimates, so this says nothing about defaults: it looks only at timeouts that are in the
 * file as numbers, and at nothing if the pipeline's own is not one of them. A job without one counts as taking no time.
 *
 * @param graph - of the same jobs, without a cycle
 */
export function checkTimeouts(
  template: PipelineTemplate,
  graph: DependencyGraph,
  collector: DiagnosticCollector,
): void {
  const limit = template.timeout;
  if (limit === null || typeof limit.value !== "number") return;

  function writtenTimeout(job: string): number {
    const timeout = template.jobs.get(job)?.timeout?.value;
    return typeof timeout === "number" ? timeout : 0;
  }

  const jobs = graph.criticalPath(writtenTimeout).filter((job) => writtenTimeout(job) > 0);
  const seconds = jobs.reduce((sum, job) => sum + writtenTimeout(job), 0);
  if (seconds <= limit.value) return;
  collector.report("GRAPH_TIMEOUT_TOO_SHORT", { jobs: chainOf(jobs), seconds, limit: limit.value }, limit);
}

function chainOf(jobs: readonly string[]): string {
  return jobs.length === 1 ? `job "${jobs[0]}"` : `the jobs ${listNames(jobs)}, one after the other,`;
}
