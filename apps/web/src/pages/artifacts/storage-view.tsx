import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { Storage } from "../../api/generated/operations.ts";
import { storageQuery } from "../../api/queries/artifacts.ts";
import { READ_WHEN_LOOKED_AT } from "../../api/query.ts";
import { Badge } from "../../components/badge.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { FactList } from "../../components/fact-list.tsx";
import { countOf, formatBytes } from "../../components/format.ts";
import { Meter } from "../../components/meter.tsx";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Table } from "../../components/table.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { useMay } from "../../session/use-may.ts";
import styles from "./artifacts-page.module.css";

type Level = Storage["pressure_level"];

/** How full the store is, what that changes, and who fills it. */
export function StorageView(): ReactElement {
  const may = useMay("getStorage", null);
  const { data, error, refetch } = useQuery({
    ...storageQuery(),
    ...READ_WHEN_LOOKED_AT,
    enabled: may.isAllowed,
  });
  if (!may.isAllowed) {
    return (
      <EmptyState title="The storage is the whole server's">
        <p>{may.reason} The artifacts of your projects are in the list beside this one.</p>
      </EmptyState>
    );
  }
  if (data === undefined) {
    return error === null ? (
      <Skeleton rows={5} height={32} />
    ) : (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    );
  }
  return <StorageFacts storage={data} />;
}

function StorageFacts({ storage }: { readonly storage: Storage }): ReactElement {
  const { used_bytes, quota_bytes, used_percent, pressure_level, action, thresholds, last_cleanup } = storage;
  const ofAll = Math.max(1, ...storage.projects.map(({ bytes }) => bytes));
  return (
    <div className={styles.storage}>
      <Panel title="Used" actions={<PressureBadge level={pressure_level} />}>
        <div className="stack">
          <p className={styles.big}>
            {formatBytes(used_bytes)} <small>of {formatBytes(quota_bytes)}</small>
          </p>
          <Meter
            label="Storage in use"
            percent={used_percent}
            tone={toneOf(pressure_level)}
            marks={thresholds.map(({ from_percent }) => from_percent).filter((from) => from > 0)}
          />
          <FactList
            facts={[
              ["In use", `${used_percent.toFixed(1)} %`],
              ["So", action === "none" ? "nothing is removed before its time" : action],
              ["Contents", `${storage.contents.toLocaleString("en")}, each stored once`],
              [
                "In quarantine",
                storage.quarantined === 0 ? "none" : `${countOf(storage.quarantined, "content")}, handed out to nobody`,
              ],
              ["Clean-up", `every ${countOf(storage.cleanup_every_hours, "hour")}`],
              [
                "Last clean-up",
                last_cleanup === null ? (
                  "none since the server began"
                ) : (
                  <>
                    <TimeAgo time={last_cleanup.finished_at} />: {countOf(last_cleanup.removed, "artifact")} removed,{" "}
                    {formatBytes(last_cleanup.reclaimed_bytes)} free again
                  </>
                ),
              ],
              [
                "Counted",
                <>
                  <TimeAgo time={storage.counted_at} />
                  {storage.is_complete ? "" : ", not all of it yet"}
                </>,
              ],
            ]}
          />
        </div>
      </Panel>
      <Panel title="By project" isFlush>
        {storage.projects.length === 0 ? (
          <p className={styles.inside}>Nothing is kept.</p>
        ) : (
          <Table
            label="Storage by project"
            rows={storage.projects}
            keyOf={({ project_id }) => project_id ?? ""}
            columns={[
              {
                id: "project",
                head: "Project",
                isWide: true,
                cell: ({ name, bytes }) => (
                  <div className={styles.share}>
                    <span className="cut">{name ?? "of no project"}</span>
                    <Meter label={name ?? "of no project"} percent={(bytes / ofAll) * 100} />
                  </div>
                ),
              },
              {
                id: "artifacts",
                head: "Artifacts",
                isNumber: true,
                cell: ({ artifacts }) => artifacts.toLocaleString("en"),
              },
              { id: "bytes", head: "Size", isNumber: true, cell: ({ bytes }) => formatBytes(bytes) },
            ]}
          />
        )}
      </Panel>
      <Panel title="How full changes what is kept" isFlush>
        <Table
          label="Levels"
          rows={thresholds}
          keyOf={({ level }) => level}
          isSelected={({ level }) => level === pressure_level}
          columns={[
            { id: "level", head: "Level", cell: ({ level }) => <PressureBadge level={level} /> },
            { id: "from", head: "From", isNumber: true, cell: ({ from_percent }) => `${from_percent} %` },
            { id: "action", head: "Then", cell: ({ action: then }) => <span className={styles.text}>{then}</span> },
          ]}
        />
      </Panel>
      <Panel title="Retention" isFlush>
        <Table
          label="Retention"
          rows={storage.policies}
          keyOf={({ name }) => name}
          columns={[
            {
              id: "name",
              head: "Rule",
              cell: ({ name, enabled }) => (
                <>
                  {name} {enabled ? null : <Badge>off</Badge>}
                </>
              ),
            },
            { id: "pattern", head: "For names", cell: ({ pattern }) => <code>{pattern}</code> },
            { id: "age", head: "Kept", isNumber: true, cell: ({ max_age_days: days }) => countOf(days, "day") },
            {
              id: "grace",
              head: "After last use",
              isNumber: true,
              cell: ({ grace_period_hours: hours }) =>
                hours % 24 === 0 ? countOf(hours / 24, "day") : countOf(hours, "hour"),
            },
          ]}
        />
      </Panel>
    </div>
  );
}

function toneOf(level: Level): "plain" | "held" | "failed" {
  if (level === "normal") return "plain";
  return level === "red" || level === "critical" ? "failed" : "held";
}

export function PressureBadge({ level }: { readonly level: string }): ReactElement {
  const tone = toneOf(level as Level);
  return (
    <Badge tone={tone} {...(tone === "plain" ? {} : { icon: "warning" as const })}>
      {level}
    </Badge>
  );
}
