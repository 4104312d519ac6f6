import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { addressOf, call } from "../../api/client.ts";
import type { Job, RunDetails, Step } from "../../api/generated/operations.ts";
import { firstErrorQuery, explanationQuery } from "../../api/queries/runs.ts";
import { classNames } from "../../components/class-names.ts";
import { CommandHint } from "../../components/command-hint.tsx";
import { Duration } from "../../components/duration.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { formatBytes } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { statusOf, wordOf } from "../../components/status.ts";
import { Tabs } from "../../components/tabs.tsx";
import { tellError } from "../../components/toast.tsx";
import { LogView } from "../../log/log-view.tsx";
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
}

/** A job: why it is as it is, its steps, its log, what it made. */
export function JobDetail({ run, job, tab, onTab, lines, onLines }: JobDetailProps): ReactElement {
  const [toolsIn, setToolsIn] = useState<HTMLElement | null>(null);
  const failedStep = job.steps.find(({ status }) => status === "failed");
  const isRunning = job.status === "running" || job.status === "retry" || job.status === "pending";
  const hasFailed = job.status === "failed";
  const error = useQuery({
    ...firstErrorQuery(run.id, job.id, failedStep?.position ?? 0),
    enabled: hasFailed && failedStep !== undefined,
  });
  const explanation = useQuery({ ...explanationQuery(run.id, job.id), enabled: hasFailed });
  const begin = isRunning ? "end" : failedStep === undefined ? 0 : error.isPending ? null : (error.data?.line ?? 0);
  const goToStep = async (step: Step): Promise<void> => {
    try {
      const { items } = await call("getJobLog", { params: { id: job.id }, query: { step: step.position, limit: 1 } });
      const [first] = items;
      if (first !== undefined) onLines([first.line, first.line]);
    } catch (caught) {
      tellError(`The log of ${step.name} could not be read`, caught);
    }
  };
  return (
    <section className={styles.panel} aria-label={`Job ${job.name}`}>
      <header className={styles.head}>
        <StatusMark status={statusOf(job.status)} word={wordOf(job.status)} />
        <h2 className={styles.name}>{job.name}</h2>
        <span className={styles.fact}>
          <Duration from={job.started_at} to={job.finished_at} />
        </span>
        {job.attempts > 1 ? <span className={styles.fact}>attempt {job.attempts}</span> : null}
        <span className={styles.command}>
          <CommandHint command={`waybill logs ${run.number} ${job.name}`} />
        </span>
      </header>
      {hasFailed ? (
        <FailureReason
          job={job}
          line={error.data ?? null}
          remedy={explanation.data?.remedy ?? ""}
          onLine={(line) => onLines([line, line])}
        />
      ) : job.message === "" ? null : (
        <p className={styles.message}>{job.message}</p>
      )}
      {job.steps.length === 0 ? null : (
        <ol className={styles.steps} aria-label="Steps">
          {job.steps.map((step) => (
            <li key={step.id}>
              <button
                type="button"
                className={classNames(styles.step, styles[statusOf(step.status)])}
                onClick={() => void goToStep(step)}
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
            startedAt={job.started_at}
            isRunning={isRunning}
            selected={lines}
            onSelect={onLines}
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
      <ul>
        {job.artifacts.map(({ id, name, size_bytes, file_count }) => (
          <li key={id} className={styles.result}>
            <Icon name="package" size={14} />
            <a href={addressOf("downloadArtifact", { params: { id } })} download className="cut">
              {name}
            </a>
            <span className={styles.fact}>
              {formatBytes(size_bytes)} · {file_count} {file_count === 1 ? "file" : "files"}
            </span>
          </li>
        ))}
      </ul>
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
