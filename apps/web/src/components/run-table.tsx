import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Run } from "../api/generated/operations.ts";
import { Duration } from "./duration.tsx";
import { shortRef } from "./format.ts";
import { Sha } from "./sha.tsx";
import { StatusMark } from "./status-mark.tsx";
import { statusOf, wordOf } from "./status.ts";
import { Table, type Column } from "./table.tsx";
import { TimeAgo } from "./time-ago.tsx";
import styles from "./run-table.module.css";

const COLUMNS: readonly Column<Run>[] = [
  {
    id: "status",
    head: "Status",
    cell: ({ status }) => <StatusMark status={statusOf(status)} word={wordOf(status)} />,
  },
  {
    id: "run",
    head: "Run",
    isWide: true,
    cell: (run) => (
      <Link to="/runs/$id" params={{ id: run.id }} className={styles.run} data-row="">
        <span className="cut" title={run.pipeline_name}>
          {run.pipeline_name}
        </span>
        <span className={styles.number}>#{run.number}</span>
      </Link>
    ),
  },
  {
    id: "ref",
    head: "Branch",
    isExtra: true,
    cell: ({ git_ref }) =>
      git_ref === null ? null : (
        <span className={styles.ref} title={git_ref}>
          {shortRef(git_ref)}
        </span>
      ),
  },
  {
    id: "sha",
    head: "Commit",
    isExtra: true,
    cell: ({ git_sha }) => (git_sha === null ? null : <Sha sha={git_sha} />),
  },
  { id: "trigger", head: "By", isExtra: true, cell: ({ trigger }) => <span className="quiet">{trigger}</span> },
  {
    id: "took",
    head: "Took",
    isNumber: true,
    cell: ({ started_at, finished_at }) => <Duration from={started_at} to={finished_at} />,
  },
  {
    id: "when",
    head: "When",
    isNumber: true,
    cell: ({ created_at }) => (
      <span className="quiet">
        <TimeAgo time={created_at} />
      </span>
    ),
  },
];

export interface RunTableProps {
  readonly runs: readonly Run[];
}

export function RunTable({ runs }: RunTableProps): ReactElement {
  return <Table label="Runs" columns={COLUMNS} rows={runs} keyOf={({ id }) => id} />;
}
