import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import type { Job, RunDetails, Step } from "../../api/generated/operations.ts";
import { explanationQuery, problemsQuery } from "../../api/queries/runs.ts";
import { Badge } from "../../components/badge.tsx";
import { classNames } from "../../components/class-names.ts";
import { CommandHint } from "../../components/command-hint.tsx";
import { Duration } from "../../components/duration.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { StatusMark } from "../../components/status-mark.tsx";
import { statusOf, wordOf } from "../../components/status.ts";
import { markOf } from "../../graph/job-mark.ts";
import { Tabs } from "../../components/tabs.tsx";
import { firstError, lastLineOf, NO_PROBLEMS } from "../../log/log-problems.ts";
import type { Find } from "../../log/log-search-bar.tsx";
import { LogView } from "../../log/log-view.tsx";
import { ArtifactList } from "./artifact-list.tsx";
import { FailureReason } from "./failure-reason.tsx";
import { Why } from "./why.tsx";
import type { JobTab } from "./run-search.ts";
import styles from "./job-detail.module.css";

type Lines = readonly [first: number, last: number];

export interface JobDetailProps {
  readonly run: RunDetails;
  readonly job: Job;
  readonly tab: JobTab;
  readonly onTab: (tab: JobTab) => void;
  readonly lines: Lines | null;
  readonly onLines: (lines: Lines | null) => void;
  readonly find: Find;
  readonly onFind: (find: Find) => void;
}

/** A job: why it is as it is, its steps, its log, what it made. */
export function JobDetail({ run, job, tab, onTab, lines, onLines, find, onFind }: JobDetailProps): ReactElement {
  const [toolsIn, setToolsIn] = useState<HTMLElement | null>(null);
  const failedStep = job.steps.find(({ status }) => status === "failed");
  const isRunning = job.status === "running" || job.status === "retry" || job.status === "pending";
  const hasFailed = job.status === "failed";
  const found = useQuery(problemsQuery(run.id, job.id));
  const problems = found.data ?? NO_PROBLEMS;
  const error = hasFailed ? firstError(problems, failedStep?.position ?? null) : null;
  const explanation = useQuery({ ...explanationQuery(run.id, job.id), enabled: hasFailed });
  const whereFailed = error?.line ?? lastLineOf(problems, failedStep?.position ?? null) ?? 0;
  const begin = isRunning ? "end" : !hasFailed ? 0 : found.isPending ? null : whereFailed;
  const goToStep = ({ position }: Step): void => {
    onTab("log");
    const section = problems.sections.findLast(({ step }) => step === position);
    if (section !== undefined) onLines([section.from_line, section.from_line]);
  };
  return (
    <section className={styles.panel} aria-label={`Job ${job.name}`}>
      <header className={styles.head}>
        <StatusMark {...markOf(job)} />
        <h2 className={styles.name} title={job.name}>
          {job.name}
        </h2>
        <span className={styles.fact}>
          <Duration from={job.started_at} to={job.finished_at} />
        </span>
        {job.deploys_to === null ? null : <Badge icon="external">{job.deploys_to}</Badge>}
        {job.attempts > 1 ? <span className={styles.fact}>attempt {job.attempts}</span> : null}
        <span className={styles.command}>
          <CommandHint command={`waybill logs ${run.number} ${shellWord(job.name)}`} />
        </span>
      </header>
      {hasFailed ? (
        <FailureReason
          job={job}
          line={error}
          remedy={explanation.data?.remedy ?? ""}
          onLine={(line) => onLines([line, line])}
        />
      ) : job.message === "" ? null : (
        <p className={classNames(styles.message, job.held_by !== null && styles.held)}>{job.message}</p>
      )}
      {job.steps.length === 0 ? null : (
        <ol className={styles.steps} aria-label="Steps">
          {job.steps.map((step) => (
            <li key={step.id}>
              <button
                type="button"
                className={classNames(styles.step, styles[statusOf(step.status)])}
                onClick={() => goToStep(step)}
                title={`${step.name}: to its first line`}
              >
                <StatusMark status={statusOf(step.status)} word={wordOf(step.status)} show="icon" size={13} />
                <span className={styles.stepName}>{step.name}</span>
                <span className={styles.fact}>
                  <Duration from={step.started_at} to={step.finished_at} />
                </span>
                {step.exit_code === null || step.exit_code === 0 ? null : (
                  <span className={styles.exit}>exit {step.exit_code}</span>
                )}
              </button>
            </li>
          ))}
        </ol>
      )}
      <Tabs<JobTab>
        label="Of the job"
        className={styles.tabs}
        aside={<div ref={setToolsIn} />}
        value={tab}
        onChange={onTab}
        tabs={[
          { id: "log", label: "Log" },
          { id: "why", label: "Why" },
          {
            id: "results",
            label: "Results",
            count: job.artifacts.length + Object.keys(job.outputs).length || undefined,
          },
        ]}
      >
        {tab === "log" ? (
          <LogView
            jobId={job.id}
            jobName={job.name}
            steps={job.steps}
            startedAt={job.started_at}
            isRunning={isRunning}
            problems={problems}
            selected={lines}
            onSelect={onLines}
            find={find}
            onFind={onFind}
            begin={begin}
            toolsIn={toolsIn}
          />
        ) : null}
        {tab === "why" ? <Why runId={run.id} jobId={job.id} /> : null}
        {tab === "results" ? <Results job={job} /> : null}
      </Tabs>
    </section>
  );
}

/** Artifacts and outputs. */
function Results({ job }: { readonly job: Job }): ReactElement {
  const outputs = Object.entries(job.outputs);
  if (job.artifacts.length === 0 && outputs.length === 0) {
    return (
      <div className={styles.results}>
        <EmptyState title="This job kept no artifacts and set no outputs">
          <p>
            Paths under <code>artifacts:</code> in the pipeline file are kept, and what steps write to{" "}
            <code>$WAYBILL_OUTPUT</code> is handed to the jobs behind.
          </p>
        </EmptyState>
      </div>
    );
  }
  return (
    <div className={styles.results}>
      <ArtifactList artifacts={job.artifacts} />
      {outputs.length === 0 ? null : (
        <dl className={styles.outputs}>
          {outputs.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
