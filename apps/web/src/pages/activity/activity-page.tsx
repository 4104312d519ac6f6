import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { meQuery } from "../../api/queries/access.ts";
import { pipelinesQuery, projectsQuery } from "../../api/queries/projects.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { formatAge } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { RunHistory } from "../../components/run-history.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Page } from "../../shell/page.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { panelQuery } from "./activity-search.ts";
import { lastLook } from "./last-look.ts";
import { ProgressList } from "./progress-list.tsx";
import { RunList } from "./run-list.tsx";
import { useWaiting, WaitingList } from "./waiting-list.tsx";
import styles from "./activity-page.module.css";

const SHOWN = 6;
const DAY_MS = 86_400_000;

/** What is going on: what runs, what failed since one last looked, what waits for one; then every run. */
export function ActivityPage(): ReactElement {
  const running = useQuery(panelQuery("running"));
  const pending = useQuery(panelQuery("pending"));
  const failed = useQuery(panelQuery("failed"));
  const { data: me } = useQuery(meQuery());
  const [openedAt] = useState(() => Date.now());
  const [since] = useState(() => lastLook(openedAt, me?.id ?? "") ?? openedAt - DAY_MS);
  const going = [...(running.data?.items ?? []), ...(pending.data?.items ?? [])];
  const { waiting, error } = useWaiting((running.data?.items ?? []).slice(0, SHOWN));
  const news = (failed.data?.items ?? []).filter(
    ({ finished_at }) => finished_at !== null && Date.parse(finished_at) > since,
  );
  const waits = waiting === null ? 0 : waiting.approvals.length + waiting.held.length;
  return (
    <Page title="Activity" command="waybill list runs">
      <div className={styles.panels}>
        <Panel title={<>In progress{going.length === 0 ? null : <Count of={going.length} />}</>} isFlush>
          {running.data === undefined || pending.data === undefined ? (
            <Loading error={running.error ?? pending.error} />
          ) : (
            <ProgressList runs={going.slice(0, SHOWN)} more={going.length - SHOWN} />
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
        <Panel title={<>Waits for a person{waits === 0 ? null : <Count of={waits} />}</>} isFlush>
          {waiting === null ? <Loading error={error} /> : <WaitingList waiting={waiting} />}
        </Panel>
      </div>
      <Runs />
    </Page>
  );
}

function Runs(): ReactElement {
  const filter = useSearch({ from: "/app/" });
  const navigate = useNavigate({ from: "/" });
  const projects = useQuery(projectsQuery());
  const pipelines = useQuery(pipelinesQuery());
  return (
    <RunHistory
      filter={filter}
      onChange={(search) => void navigate({ search, resetScroll: false })}
      projects={projects.data?.items ?? []}
      none={<FirstSteps pipelines={pipelines.data?.items ?? []} />}
    />
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
