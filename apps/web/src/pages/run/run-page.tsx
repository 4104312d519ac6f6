import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, type ReactElement } from "react";
import type { Job, RunDetails } from "../../api/generated/operations.ts";
import { jobsQuery, runQuery } from "../../api/queries/runs.ts";
import { Badge } from "../../components/badge.tsx";
import { Duration } from "../../components/duration.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { shortRef } from "../../components/format.ts";
import { Icon, type IconName } from "../../components/icon.tsx";
import { Sha } from "../../components/sha.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { isSettled, statusOf, wordOf } from "../../components/status.ts";
import { TimeAgo } from "../../components/time-ago.tsx";
import { Page } from "../../shell/page.tsx";
import { useKey } from "../../shell/use-key.ts";
import { JobDetail } from "./job-detail.tsx";
import { JobList } from "./job-list.tsx";
import { RunActions } from "./run-actions.tsx";
import { findOf, linesOf, searchOf, type RunSearch, type RunView } from "./run-search.ts";
import { jobToShow } from "./job-to-show.ts";
import { WaitingApprovals } from "./waiting-approvals.tsx";
import styles from "./run-page.module.css";

const RunGraph = lazy(async () => ({ default: (await import("../../graph/run-graph.tsx")).RunGraph }));
const RunTimeline = lazy(async () => ({ default: (await import("../../graph/run-timeline.tsx")).RunTimeline }));
const RunEnvironment = lazy(async () => ({ default: (await import("./run-environment.tsx")).RunEnvironment }));
const RunArtifacts = lazy(async () => ({ default: (await import("./run-artifacts.tsx")).RunArtifacts }));
const RunTrigger = lazy(async () => ({ default: (await import("./run-trigger.tsx")).RunTrigger }));

interface View {
  readonly id: RunView;
  readonly label: string;
  readonly icon: IconName;
}

const VIEWS: readonly View[] = [
  { id: "graph", label: "Graph", icon: "graph" },
  { id: "timeline", label: "Time line", icon: "timeline" },
  { id: "artifacts", label: "Artifacts", icon: "package" },
  { id: "environment", label: "Environment", icon: "command" },
  { id: "trigger", label: "Trigger", icon: "commit" },
];

/** Why it is red: the graph, the job that failed, its log at the first error, the reason and the remedy above it. */
export function RunPage(): ReactElement {
  const { id } = useParams({ from: "/app/runs/$id" });
  const run = useQuery(runQuery(id));
  const jobs = useQuery(jobsQuery(id));
  if (run.data === undefined) {
    return (
      <Page title="Run">
        {run.error === null ? (
          <Skeleton rows={6} />
        ) : (
          <ErrorPanel error={run.error} onRetry={() => void run.refetch()} />
        )}
      </Page>
    );
  }
  return <LoadedRun run={run.data} jobs={jobs.data?.items ?? null} error={jobs.error} />;
}

interface LoadedRunProps {
  readonly run: RunDetails;
  /** Null: they are being read. */
  readonly jobs: readonly Job[] | null;
  readonly error: Error | null;
}

function LoadedRun({ run, jobs, error }: LoadedRunProps): ReactElement {
  const search = useSearch({ from: "/app/runs/$id" });
  const navigate = useNavigate({ from: "/runs/$id" });
  const change = useCallback(
    (changes: Partial<Record<keyof RunSearch, string | undefined>>): void => {
      void navigate({ search: (old) => ({ ...old, ...changes }) as RunSearch, replace: true, resetScroll: false });
    },
    [navigate],
  );
  const { view = "graph" } = search;
  const job = jobToShow(jobs ?? [], search.job);
  const selectJob = useCallback((name: string): void => change({ job: name, line: undefined }), [change]);
  const show = (next: RunView): void => change({ view: next === "graph" ? undefined : next });
  useKey("g", "Graph", () => show(view === "graph" ? "none" : "graph"));
  useKey("t", "Time line", () => show(view === "timeline" ? "none" : "timeline"));
  useKey("l", "Log", () => {
    change({ tab: undefined });
    document.querySelector<HTMLElement>("[data-log]")?.focus();
  });
  useKey("w", "Why the job is as it is", job === null ? null : () => change({ tab: "why" }));
  const name = `${run.pipeline_name} #${run.number}`;
  return (
    <Page
      title={`${run.status === "failed" ? "✗ " : ""}${name}`}
      heading={
        <>
          <StatusMark status={statusOf(run.status)} word={wordOf(run.status)} show="pill" />
          <span>
            {run.pipeline_name} <span className={styles.number}>#{run.number}</span>
          </span>
        </>
      }
      facts={<RunFacts run={run} />}
      actions={<RunActions run={run} jobs={jobs ?? []} selected={job?.name ?? null} />}
      command={`waybill status ${run.number}`}
      isFilled
    >
      <WaitingApprovals runId={run.id} number={run.number} isSettled={isSettled(run.status)} />
      {error === null ? null : <ErrorPanel error={error} />}
      {jobs !== null && jobs.length === 0 ? (
        <EmptyState title={isSettled(run.status) ? "This run ended before it had jobs" : "This run waits for its turn"}>
          <p>{run.reason === null ? "Its jobs are known once its commit has been read." : `Reason: ${run.reason}.`}</p>
        </EmptyState>
      ) : null}
      {jobs === null && error === null ? <Skeleton rows={4} height={44} /> : null}
      {jobs === null || jobs.length === 0 ? null : (
        <>
          <section className={styles.band} aria-label="Jobs and what they wait for">
            <div className={styles.views} role="group" aria-label="View">
              {VIEWS.map(({ id, label, icon }) => (
                <button
                  key={id}
                  type="button"
                  aria-pressed={view === id}
                  onClick={() => show(view === id ? "none" : id)}
                >
                  <Icon name={icon} size={14} /> {label}
                </button>
              ))}
            </div>
            <Suspense fallback={<div className={styles.noGraph} />}>
              {view === "graph" ? <RunGraph jobs={jobs} selected={job?.name ?? null} onSelect={selectJob} /> : null}
              {view === "timeline" ? (
                <RunTimeline runId={run.id} selected={job?.name ?? null} onSelect={selectJob} />
              ) : null}
              {view === "artifacts" ? <RunArtifacts runId={run.id} /> : null}
              {view === "environment" ? <RunEnvironment runId={run.id} job={job?.name ?? null} /> : null}
              {view === "trigger" ? <RunTrigger run={run} /> : null}
            </Suspense>
          </section>
          <div className={styles.columns}>
            <JobList jobs={jobs} selected={job?.name ?? null} onSelect={selectJob} />
            {job === null ? null : (
              <JobDetail
                key={job.id}
                run={run}
                job={job}
                tab={search.tab ?? "log"}
                onTab={(tab) => change({ tab: tab === "log" ? undefined : tab })}
                lines={linesOf(search.line)}
                onLines={(lines) => change({ job: job.name, line: lines === null ? undefined : textOf(lines) })}
                find={findOf(search)}
                onFind={(find) => change(searchOf(find))}
              />
            )}
          </div>
        </>
      )}
    </Page>
  );
}

function textOf([first, last]: readonly [number, number]): string {
  return first === last ? String(first + 1) : `${first + 1}-${last + 1}`;
}

function RunFacts({ run }: { readonly run: RunDetails }): ReactElement {
  return (
    <>
      {run.git_ref === null ? null : (
        <Badge icon="branch" title={run.git_ref}>
          {shortRef(run.git_ref)}
        </Badge>
      )}
      {run.git_sha === null ? null : <Sha sha={run.git_sha} />}
      <span>
        by {run.trigger} <TimeAgo time={run.created_at} />
      </span>
      {run.started_at === null ? null : (
        <span>
          {run.finished_at === null ? "for " : "took "}
          <Duration from={run.started_at} to={run.finished_at} />
        </span>
      )}
      {run.rerun_of === null ? null : (
        <Link to="/runs/$id" params={{ id: run.rerun_of }}>
          rerun of an earlier run
        </Link>
      )}
      {run.concurrency_group === null ? null : <Badge title="Concurrency group">{run.concurrency_group}</Badge>}
    </>
  );
}
