import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { RunVariable } from "../../api/generated/operations.ts";
import { environmentQuery } from "../../api/queries/runs.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Table, type Column } from "../../components/table.tsx";
import styles from "./run-facts.module.css";

const SOURCES: Readonly<Record<RunVariable["source"], string>> = {
  input: "input of the pipeline",
  given: "given to this run",
  git: "of the commit",
  file: "pipeline file",
};

const COLUMNS: readonly Column<RunVariable>[] = [
  { id: "name", head: "Variable", cell: nameOf },
  { id: "value", head: "Value", cell: valueOf, isWide: true },
  { id: "source", head: "Set by", cell: ({ source }) => SOURCES[source], isExtra: true },
];

function nameOf({ name }: RunVariable): ReactElement {
  return (
    <code className={styles.variableName} title={name}>
      {name}
    </code>
  );
}

function valueOf({ value, is_template: isTemplate }: RunVariable): ReactElement {
  if (value === null) return <span className="quiet">not kept</span>;
  return (
    <>
      <code className={styles.variable}>{value}</code>
      {isTemplate ? <span className="quiet"> completed by each job</span> : null}
    </>
  );
}

/** What the run was given: variables with who set them, of secrets the names. */
export function RunEnvironment({ runId, job }: { readonly runId: string; readonly job: string | null }): ReactElement {
  const { data, error, refetch } = useQuery(environmentQuery(runId));
  if (data === undefined) {
    return (
      <div className={styles.facts}>
        {error === null ? <Skeleton rows={4} /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      </div>
    );
  }
  const own = data.jobs.find(({ name }) => name === job)?.variables ?? [];
  const variables = [
    ...data.variables,
    ...own.filter(({ name }) => !data.variables.some((each) => each.name === name)),
  ];
  return (
    <div className={styles.facts}>
      {variables.length === 0 ? (
        <EmptyState title="This run was given no variables">
          <p>
            <code>env:</code> in the pipeline file sets them, and so does <code>waybill trigger --var NAME=VALUE</code>.
          </p>
        </EmptyState>
      ) : (
        <Table
          label={job === null ? "Variables" : `Variables of the run and of ${job}`}
          columns={COLUMNS}
          rows={variables}
          keyOf={({ name }) => name}
        />
      )}
      {data.secrets.length === 0 ? null : (
        <p className={styles.secrets}>
          Secrets:{" "}
          {data.secrets.map((name) => (
            <span key={name} className={styles.secret}>
              <code>{name}</code>{" "}
              <span
                className={styles.redacted}
                title="Values of secrets are never shown"
                aria-label="redacted"
                role="img"
              />
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
