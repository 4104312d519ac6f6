import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { System } from "../../api/generated/operations.ts";
import { systemQuery } from "../../api/queries/settings.ts";
import { READ_WHEN_LOOKED_AT } from "../../api/query.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { copy } from "../../components/copy.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { FactList } from "../../components/fact-list.tsx";
import { countOf, formatBytes, formatDuration } from "../../components/format.ts";
import { Meter } from "../../components/meter.tsx";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { useMay } from "../../session/use-may.ts";
import { Page } from "../../shell/page.tsx";
import { PressureBadge } from "../artifacts/storage-view.tsx";
import { ReencryptSecrets } from "./reencrypt-secrets.tsx";
import styles from "./system-page.module.css";

/** Whether the server is well, and what to do where it is not. */
export function SystemPage(): ReactElement {
  const may = useMay("getSystem", null);
  const { data, error, refetch, isFetching } = useQuery({
    ...systemQuery(),
    ...READ_WHEN_LOOKED_AT,
    enabled: may.isAllowed,
  });
  return (
    <Page
      title="Server"
      facts={
        data === undefined ? undefined : (
          <>
            <span>Waybill {data.version}</span>
            <span>
              began <TimeAgo time={data.started_at} />
            </span>
          </>
        )
      }
      actions={
        <Button
          icon="rerun"
          isBusy={isFetching}
          disabledReason={may.isAllowed ? null : may.reason}
          onClick={() => void refetch()}
        >
          Look again
        </Button>
      }
    >
      {!may.isAllowed ? (
        <EmptyState title="How the server is, its administrators see">
          <p>{may.reason}</p>
        </EmptyState>
      ) : data === undefined ? (
        error === null ? (
          <Skeleton rows={6} height={60} />
        ) : (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <RecentErrors errors={data.recent_errors} />
          <div className={styles.panels}>
            <Executors executors={data.executors} />
            <Database database={data.database} />
            <StorageSummary storage={data.storage} />
            <Work queue={data.queue} system={data} />
          </div>
          <ReencryptSecrets />
        </>
      )}
    </Page>
  );
}

function RecentErrors({ errors }: { readonly errors: System["recent_errors"] }): ReactElement {
  return (
    <Panel title={errors.length === 0 ? "Recent errors" : `Recent errors (${errors.length})`} isFlush>
      {errors.length === 0 ? (
        <p className={styles.well}>
          <StatusMark status="success" word="Nothing went wrong since the server began." />
        </p>
      ) : (
        <ul>
          {errors.map((error) => (
            <li key={`${error.component} ${error.what} ${error.code ?? ""} ${error.first_at}`} className={styles.error}>
              <div className={styles.errorHead}>
                <StatusMark status="failed" word={error.what} />
                <Badge>{error.component}</Badge>
                {error.count === 1 ? null : <Badge tone="failed">{countOf(error.count, "time")}</Badge>}
                <span className="quiet">
                  <TimeAgo time={error.last_at} />
                </span>
              </div>
              <p>{error.message}</p>
              {error.remedy === "" ? null : <p className={styles.remedy}>{error.remedy}</p>}
              <p className={styles.trace}>
                {error.code === null ? null : <code>{error.code}</code>}
                {error.correlation_id === null ? null : (
                  <button
                    type="button"
                    title="Correlation id (click to copy)"
                    onClick={() => void copy(error.correlation_id ?? "", "The correlation id")}
                  >
                    {error.correlation_id}
                  </button>
                )}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Executors({ executors }: { readonly executors: System["executors"] }): ReactElement {
  return (
    <Panel title="Executors" actions={<Badge title="As the option --executor sets it">{executors.mode}</Badge>} isFlush>
      <ul>
        {executors.items.map(({ name, available, version, reason }) => (
          <li key={name} className={styles.executor}>
            <StatusMark
              status={available ? "success" : "cancelled"}
              word={available ? "available" : "not available"}
              show="icon"
            />
            <div>
              <p>
                <strong>{name}</strong> <span className="quiet">{version}</span>
              </p>
              {reason === "" ? null : <p className={styles.reason}>{reason}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Database({ database }: { readonly database: System["database"] }): ReactElement {
  const { kind, version, size_bytes, latency_ms, migrations } = database;
  return (
    <Panel title="Database">
      <FactList
        facts={[
          ["Kind", `${kind === "sqlite" ? "SQLite" : "PostgreSQL"} ${version}`],
          ["Size", formatBytes(size_bytes)],
          ["Answers in", `${latency_ms.toFixed(1)} ms`],
          [
            "Schema",
            <details key="schema">
              <summary>
                {migrations.at(-1) ?? "none"} ({countOf(migrations.length, "migration")})
              </summary>
              <ol className={styles.migrations}>
                {migrations.map((name) => (
                  <li key={name}>{name}</li>
                ))}
              </ol>
            </details>,
          ],
        ]}
      />
    </Panel>
  );
}

function StorageSummary({ storage }: { readonly storage: System["storage"] }): ReactElement {
  const { used_bytes, quota_bytes, used_percent, pressure_level } = storage;
  const isTight = pressure_level !== "normal";
  return (
    <Panel title="Storage of artifacts" actions={<PressureBadge level={pressure_level} />}>
      <div className="stack">
        <Meter label="Storage in use" percent={used_percent} tone={isTight ? "held" : "plain"} />
        <p>
          {formatBytes(used_bytes)} of {formatBytes(quota_bytes)} ({used_percent.toFixed(1)} %).{" "}
          <Link to="/artifacts" search={{ view: "storage" }}>
            What fills it, and what is removed when
          </Link>
        </p>
      </div>
    </Panel>
  );
}

function Work({ queue, system }: { readonly queue: System["queue"]; readonly system: System }): ReactElement {
  return (
    <Panel title="Work">
      <FactList
        facts={[
          ["Runs", `${queue.runs_going_on} going on, ${queue.runs_waiting} waiting`],
          ["Jobs", `${queue.jobs_going_on} going on`],
          ["Driven", `${countOf(queue.driven_here, "run")} here, ${queue.claimed} by all servers of this database`],
          ["Memory", formatBytes(system.memory_bytes)],
          ["Up for", formatDuration(system.uptime_seconds * 1000)],
          ["Node.js", system.node_version],
        ]}
      />
    </Panel>
  );
}
