import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { approvalsQuery } from "../../api/queries/access.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { formatAge } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { Page } from "../../shell/page.tsx";
import { activitySearch, panelQuery, tableQuery, type RunStatus } from "./activity-search.ts";
import { lastLook } from "./last-look.ts";
import { RunList } from "./run-list.tsx";
import { RunTable } from "./run-table.tsx";
import styles from "./activity-page.module.css";

const SHOWN = 6;
const DAY_MS = 86_400_000;

/** What is going on: what runs, what failed since one last looked, what waits for one; then every run. */
export function ActivityPage(): ReactElement {
  const running = useQuery(panelQuery("running"));
  const pending = useQuery(panelQuery("pending"));
  const failed = useQuery(panelQuery("failed"));
  const approvals = useQuery(approvalsQuery());
  const [openedAt] = useState(() => Date.now());
  const [since] = useState(() => lastLook(openedAt) ?? openedAt - DAY_MS);
  const going = [...(running.data?.items ?? []), ...(pending.data?.items ?? [])];
  const news = (failed.data?.items ?? []).filter(
    ({ finished_at }) => finished_at !== null && Date.parse(finished_at) > since,
  );
  const waiting = approvals.data?.items ?? [];
  return (
    <Page title="Activity" command="waybill list runs">
      <div className={styles.panels}>
        <Panel title={<>In progress{going.length === 0 ? null : <Count of={going.length} />}</>} isFlush>
          {running.data === undefined || pending.data === undefined ? (
            <Loading error={running.error ?? pending.error} />
          ) : (
            <RunList runs={going.slice(0, SHOWN)} more={going.length - SHOWN} none="Nothing runs." />
          )}
        </Panel>
        <Panel
          title={<>Failed since you last looked{news.length === 0 ? null : <Count of={news.length} />}</>}
          actions={formatAge(openedAt - since, since)}
          isFlush
        >
          {failed.data === undefined ? (
            <Loading error={failed.error} />
          ) : (
            <RunList runs={news.slice(0, SHOWN)} more={news.length - SHOWN} none="Nothing failed." />
          )}
        </Panel>
        <Panel title={<>Waits for a person{waiting.length === 0 ? null : <Count of={waiting.length} />}</>} isFlush>
          {approvals.data === undefined ? (
            <Loading error={approvals.error} />
          ) : waiting.length === 0 ? (
            <p className={styles.none}>Nothing waits.</p>
          ) : (
            <ul>
              {waiting.slice(0, SHOWN).map((approval) => (
                <li key={approval.id} className={styles.waiting}>
                  <StatusMark status="person" show="icon" />
                  <Link to="/runs/$id" params={{ id: approval.run_id }} className="cut" data-row="">
                    {approval.subject}
                  </Link>
                  <span className={styles.quiet}>
                    <TimeAgo time={approval.requested_at} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </div>
      <Runs />
    </Page>
  );
}

function Runs(): ReactElement {
  const search = useSearch({ from: "/app/" });
  const navigate = useNavigate({ from: "/" });
  const { data, error, refetch } = useQuery({ ...tableQuery(search), placeholderData: keepPreviousData });
  const setStatus = (status: RunStatus | undefined): void => {
    void navigate({ search: activitySearch({ branch: search.branch, status }) });
  };
  return (
    <Panel title="Runs" actions={<StatusFilter value={search.status} onChange={setStatus} />} isFlush>
      {data === undefined ? (
        <div className={styles.loading}>
          {error === null ? (
            <Skeleton rows={8} height={28} />
          ) : (
            <ErrorPanel error={error} onRetry={() => void refetch()} />
          )}
        </div>
      ) : data.items.length === 0 ? (
        <div className={styles.loading}>
          {Object.keys(search).length === 0 ? <NoRuns /> : <EmptyState title="No run matches these filters" />}
        </div>
      ) : (
        <RunTable runs={data.items} />
      )}
      {search.cursor === undefined && (data === undefined || data.next_cursor === null) ? null : (
        <footer className={styles.pages}>
          {search.cursor === undefined ? null : <Button onClick={() => globalThis.history.back()}>Newer</Button>}
          {typeof data?.next_cursor === "string" ? (
            <Button onClick={() => void navigate({ search: (old) => ({ ...old, cursor: data.next_cursor ?? "" }) })}>
              Older
            </Button>
          ) : null}
        </footer>
      )}
    </Panel>
  );
}

const FILTERS: readonly (readonly [RunStatus | undefined, string])[] = [
  [undefined, "All"],
  ["running", "Running"],
  ["failed", "Failed"],
  ["success", "Success"],
  ["cancelled", "Cancelled"],
];

interface StatusFilterProps {
  readonly value: RunStatus | undefined;
  readonly onChange: (status: RunStatus | undefined) => void;
}

function StatusFilter({ value, onChange }: StatusFilterProps): ReactElement {
  return (
    <div className={styles.filters} role="group" aria-label="Status">
      {FILTERS.map(([status, label]) => (
        <button key={label} type="button" aria-pressed={status === value} onClick={() => onChange(status)}>
          {label}
        </button>
      ))}
    </div>
  );
}

function NoRuns(): ReactElement {
  return (
    <EmptyState title="There is no run yet that you may see">
      <p>Connect a repository that has a waybill.yaml, then push to it, or start its first run by hand:</p>
      <CodeBlock
        label="the commands"
        code={"waybill connect https://git.example.com/team/project.git\nwaybill trigger project"}
      />
    </EmptyState>
  );
}

function Loading({ error }: { readonly error: Error | null }): ReactElement {
  return (
    <div className={styles.loading}>
      {error === null ? <Skeleton rows={2} height={26} /> : <ErrorPanel error={error} />}
    </div>
  );
}

function Count({ of }: { readonly of: number }): ReactElement {
  return <span className={styles.count}>{of}</span>;
}
