import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import type { Pipeline, Project, Run } from "../../api/generated/operations.ts";
import { pipelinesQuery, projectsQuery } from "../../api/queries/projects.ts";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useMay } from "../../session/use-may.ts";
import { Page } from "../../shell/page.tsx";
import { LastRun, newestRuns } from "./last-run.tsx";
import { recentRunsQuery } from "./projects-search.ts";
import styles from "./projects.module.css";

const FEW = 6;

/** Everything that is built here, and how it stands. */
export function ProjectsPage(): ReactElement {
  const projects = useQuery({ ...projectsQuery(), refetchOnWindowFocus: "always" });
  const pipelines = useQuery({ ...pipelinesQuery(), refetchOnWindowFocus: "always" });
  const runs = useQuery(recentRunsQuery());
  const { q = "" } = useSearch({ from: "/app/projects" });
  const navigate = useNavigate();
  const may = useMay("createProject", null);
  const error = projects.error ?? pipelines.error;
  const all = projects.data?.items;
  return (
    <Page
      title="Projects"
      facts={
        all === undefined || pipelines.data === undefined
          ? undefined
          : `${countOf(all.length, "project")}, ${countOf(pipelines.data.items.length, "pipeline")}`
      }
      actions={
        <Button
          kind="primary"
          icon="plus"
          disabledReason={may.isAllowed ? null : may.reason}
          onClick={() => void navigate({ to: "/projects/new" })}
        >
          New project
        </Button>
      }
      command="waybill list pipelines"
    >
      {error === null ? null : <ErrorPanel error={error} onRetry={() => void projects.refetch()} />}
      {all === undefined || pipelines.data === undefined ? (
        error === null ? (
          <Skeleton rows={6} height={64} />
        ) : null
      ) : all.length === 0 ? (
        <NoProjects />
      ) : (
        <>
          {all.length > FEW ? <Finder q={q} /> : null}
          <ProjectList
            projects={all}
            pipelines={pipelines.data.items}
            runs={runs.data?.items ?? []}
            isAllRuns={runs.data?.next_cursor === null}
            q={q}
          />
          {projects.data?.next_cursor === null ? null : (
            <p className="quiet">
              There are more projects than are listed here: the search (Ctrl K) finds all of them.
            </p>
          )}
        </>
      )}
    </Page>
  );
}

function Finder({ q }: { readonly q: string }): ReactElement {
  const navigate = useNavigate({ from: "/projects" });
  const [text, setText] = useState(q);
  return (
    <input
      className={styles.finder}
      aria-label="Part of a name"
      placeholder="Part of a name"
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        const wanted = event.target.value.trim();
        void navigate({ search: wanted === "" ? {} : { q: wanted }, replace: true, resetScroll: false });
      }}
    />
  );
}

interface ProjectListProps {
  readonly projects: readonly Project[];
  readonly pipelines: readonly Pipeline[];
  readonly runs: readonly Run[];
  readonly isAllRuns: boolean;
  readonly q: string;
}

function ProjectList({ projects, pipelines, runs, isAllRuns, q }: ProjectListProps): ReactElement {
  const wanted = q.toLowerCase();
  const newest = newestRuns(runs);
  const shown = projects.flatMap((project) => {
    const own = pipelines.filter(({ project_id }) => project_id === project.id);
    if (project.name.toLowerCase().includes(wanted)) return [{ project, own }];
    const matching = own.filter(({ name, repository_url: url }) => `${name} ${url}`.toLowerCase().includes(wanted));
    return matching.length === 0 ? [] : [{ project, own: matching }];
  });
  if (shown.length === 0) return <EmptyState title={`No project or pipeline has “${q}” in its name`} />;
  return (
    <div className={styles.projects}>
      {shown.map(({ project, own }) => (
        <Panel
          key={project.id}
          title={
            <Link to="/projects/$id" params={{ id: project.id }} className={styles.project}>
              {project.name}
            </Link>
          }
          actions={countOf(own.length, "pipeline")}
          isFlush
        >
          {own.length === 0 ? (
            <p className={styles.none}>
              No pipeline yet:{" "}
              <Link to="/projects/new" search={{ project: project.id }}>
                connect a repository
              </Link>
            </p>
          ) : (
            <ul>
              {own.map((pipeline) => (
                <li key={pipeline.id} className={styles.row}>
                  <Link to="/pipelines/$id" params={{ id: pipeline.id }} className={styles.pipeline} data-row="">
                    {pipeline.name}
                  </Link>
                  <span className={styles.where} title={pipeline.repository_url}>
                    {pipeline.repository_url}
                  </span>
                  <code className={styles.where} title={pipeline.config_path}>
                    {pipeline.config_path}
                  </code>
                  <LastRun run={newest.get(pipeline.id)} isAll={isAllRuns} />
                </li>
              ))}
            </ul>
          )}
        </Panel>
      ))}
    </div>
  );
}

function NoProjects(): ReactElement {
  return (
    <EmptyState title="There is no project yet that you may see">
      <p>
        A project holds pipelines, who may do what with them, and their secrets.{" "}
        <Link to="/projects/new">Make one of a Git repository</Link>, here or in a terminal:
      </p>
      <CodeBlock
        label="the commands"
        code={`waybill login --server ${location.origin}\nwaybill connect https://git.example.com/team/shop.git`}
      />
    </EmptyState>
  );
}
