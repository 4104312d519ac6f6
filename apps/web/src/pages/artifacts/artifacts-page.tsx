import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ListedArtifact, Project } from "../../api/generated/operations.ts";
import { projectsQuery } from "../../api/queries/projects.ts";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { SelectField } from "../../components/field.tsx";
import { FilterBar } from "../../components/filter-bar.tsx";
import { formatBytes } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Table, type Column } from "../../components/table.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { Page } from "../../shell/page.tsx";
import { artifactTableQuery } from "./artifacts-search.ts";
import { StorageView } from "./storage-view.tsx";
import styles from "./artifacts-page.module.css";

const TABS = [
  { id: "list", label: "All artifacts" },
  { id: "storage", label: "Storage" },
] as const;

/** What runs have kept, across all of them, and how full the store is. */
export function ArtifactsPage(): ReactElement {
  const search = useSearch({ from: "/app/artifacts" });
  const navigate = useNavigate({ from: "/artifacts" });
  const view = search.view === "storage" ? "storage" : "list";
  return (
    <Page title="Artifacts" command={`waybill artifacts list --server ${globalThis.location.origin}`}>
      <Tabs
        label="Artifacts"
        tabs={TABS}
        value={view}
        onChange={(next) => void navigate({ search: next === "list" ? {} : { view: next } })}
      >
        <div className={styles.tab}>{view === "storage" ? <StorageView /> : <ArtifactList />}</div>
      </Tabs>
    </Page>
  );
}

function ArtifactList(): ReactElement {
  const search = useSearch({ from: "/app/artifacts" });
  const navigate = useNavigate({ from: "/artifacts" });
  const projects = useQuery(projectsQuery()).data?.items;
  const chosen = projects?.find(({ name }) => name === search.project);
  const isKnown = search.project === undefined || projects !== undefined;
  const { data, error, refetch } = useQuery({
    ...artifactTableQuery(search, chosen?.id),
    enabled: isKnown,
    placeholderData: keepPreviousData,
  });
  const { view: _, cursor: __, ...filters } = search;
  return (
    <div className="stack">
      <FilterBar
        label="Artifacts"
        fields={[
          { name: "name", label: "Name holds" },
          { name: "job", label: "Job" },
        ]}
        value={search}
        onChange={(next) => void navigate({ search: { ...keep(search, "project", "run"), ...next } })}
      >
        <SelectField
          label="Project"
          value={search.project ?? ""}
          options={[
            { value: "", label: "All projects" },
            ...(projects ?? []).map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(event) =>
            void navigate({
              search: {
                ...keep(search, "run", "job", "name"),
                ...(event.target.value === "" ? {} : { project: event.target.value }),
              },
            })
          }
        />
      </FilterBar>
      {search.run === undefined ? null : (
        <p className="row quiet">
          Only those of one run.
          <Link to="/artifacts" search={keep(search, "project", "job", "name")}>
            Show those of all
          </Link>
        </p>
      )}
      <Panel isFlush>
        {data === undefined ? (
          <div className={styles.inside}>
            {error === null ? (
              <Skeleton rows={8} height={28} />
            ) : (
              <ErrorPanel error={error} onRetry={() => void refetch()} />
            )}
          </div>
        ) : data.items.length === 0 && search.cursor === undefined ? (
          <div className={styles.inside}>
            {Object.keys(filters).length === 0 ? (
              <NoArtifacts />
            ) : (
              <EmptyState title="No artifact matches these filters">
                <Button onClick={() => void navigate({ search: {} })}>Show all</Button>
              </EmptyState>
            )}
          </div>
        ) : (
          <Table label="Artifacts" columns={columns(projects ?? [])} rows={data.items} keyOf={({ id }) => id} />
        )}
        <Pager
          onBack={search.cursor === undefined ? null : () => globalThis.history.back()}
          onNext={
            typeof data?.next_cursor === "string"
              ? () => void navigate({ search: (old) => ({ ...old, cursor: data.next_cursor ?? "" }) })
              : null
          }
        />
      </Panel>
    </div>
  );
}

function keep<Search extends object, Name extends keyof Search>(
  search: Search,
  ...names: readonly Name[]
): Pick<Search, Name> {
  return Object.fromEntries(Object.entries(search).filter(([name]) => names.includes(name as Name))) as Pick<
    Search,
    Name
  >;
}

function columns(projects: readonly Project[]): readonly Column<ListedArtifact>[] {
  return [
    {
      id: "name",
      head: "Artifact",
      isWide: true,
      cell: ({ id, name }) => (
        <Link to="/artifacts/$id" params={{ id }} className={styles.name} data-row="">
          <Icon name="package" size={14} />
          <span className="cut" title={name}>
            {name}
          </span>
        </Link>
      ),
    },
    {
      id: "run",
      head: "Run",
      cell: ({ run_id, run_number, job }) => (
        <Link to="/runs/$id" params={{ id: run_id }} search={{ job }} className={styles.run}>
          #{run_number} <span className={styles.job}>{job}</span>
        </Link>
      ),
    },
    {
      id: "project",
      head: "Project",
      isExtra: true,
      cell: ({ project_id }) => (
        <span className={styles.project}>{projects.find(({ id }) => id === project_id)?.name ?? "none"}</span>
      ),
    },
    {
      id: "files",
      head: "Files",
      isNumber: true,
      isExtra: true,
      cell: ({ file_count }) => file_count.toLocaleString("en"),
    },
    { id: "size", head: "Size", isNumber: true, cell: ({ size_bytes }) => formatBytes(size_bytes) },
    {
      id: "when",
      head: "Kept",
      isNumber: true,
      isExtra: true,
      cell: ({ created_at }) => (
        <span className="quiet">
          <TimeAgo time={created_at} />
        </span>
      ),
    },
  ];
}

function NoArtifacts(): ReactElement {
  return (
    <EmptyState title="No run that you may see has kept anything yet">
      <p>A job says what of its files is kept, and under which name:</p>
      <CodeBlock
        label="the example"
        code={
          "jobs:\n  build:\n    artifacts:\n      package: dist\n    steps:\n      - name: build\n        script: [npm run build]"
        }
      />
    </EmptyState>
  );
}
