import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Pipeline, Project } from "../../api/generated/operations.ts";
import { pipelinesQuery, projectQuery } from "../../api/queries/projects.ts";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { Skeleton } from "../../components/skeleton.tsx";
import { Table, type Column } from "../../components/table.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { useMay } from "../../session/use-may.ts";
import { Page } from "../../shell/page.tsx";
import { LastRun, newestRuns } from "./last-run.tsx";
import { Members } from "./members.tsx";
import { ProjectSettings } from "./project-settings.tsx";
import { recentRunsQuery } from "./projects-search.ts";
import styles from "./projects.module.css";

/** A project: its pipelines and how they stand, who may do what, its name and its end. */
export function ProjectPage(): ReactElement {
  const { id } = useParams({ from: "/app/projects/$id" });
  const { data, error, refetch } = useQuery({ ...projectQuery(id), refetchOnWindowFocus: "always" });
  if (data === undefined) {
    return (
      <Page title="Project">
        {error === null ? <Skeleton rows={5} /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  }
  return <LoadedProject key={data.id} project={data} />;
}

function LoadedProject({ project }: { readonly project: Project }): ReactElement {
  const pipelines = useQuery({ ...pipelinesQuery(), refetchOnWindowFocus: "always" });
  const navigate = useNavigate();
  const may = useMay("createPipeline", project.id);
  const own = pipelines.data?.items.filter(({ project_id }) => project_id === project.id);
  return (
    <Page
      title={project.name}
      facts={
        <>
          <Link to="/projects">Projects</Link>
          <span>
            made <TimeAgo time={project.created_at} />
          </span>
          <Link to="/" search={{ project: project.id }}>
            all its runs
          </Link>
        </>
      }
      actions={
        <Button
          kind="primary"
          icon="plus"
          disabledReason={may.isAllowed ? null : may.reason}
          onClick={() => void navigate({ to: "/projects/new", search: { project: project.id } })}
        >
          Add pipeline
        </Button>
      }
      command={`waybill connect <repository> --project ${shellWord(project.name)}`}
    >
      <div className={styles.columns}>
        <Panel title="Pipelines" actions={own === undefined ? undefined : countOf(own.length, "pipeline")} isFlush>
          {own === undefined ? (
            <div className={styles.none}>
              {pipelines.error === null ? <Skeleton rows={3} /> : <ErrorPanel error={pipelines.error} />}
            </div>
          ) : own.length === 0 ? (
            <div className={styles.none}>
              <EmptyState title="No pipeline yet">
                <p>A pipeline is a file in a repository. Connect one:</p>
                <CodeBlock
                  label="the command"
                  code={`waybill connect https://git.example.com/team/shop.git --project ${shellWord(project.name)}`}
                />
              </EmptyState>
            </div>
          ) : (
            <Pipelines project={project} pipelines={own} />
          )}
        </Panel>
        <div className={styles.side}>
          <Members project={project} />
          <ProjectSettings project={project} pipelines={own?.length ?? null} />
        </div>
      </div>
    </Page>
  );
}

interface PipelinesProps {
  readonly project: Project;
  readonly pipelines: readonly Pipeline[];
}

function Pipelines({ project, pipelines }: PipelinesProps): ReactElement {
  const { data } = useQuery(recentRunsQuery(project.id));
  const newest = newestRuns(data?.items ?? []);
  const columns: readonly Column<Pipeline>[] = [
    {
      id: "pipeline",
      head: "Pipeline",
      isWide: true,
      cell: ({ id, name }) => (
        <Link to="/pipelines/$id" params={{ id }} data-row="">
          {name}
        </Link>
      ),
    },
    {
      id: "file",
      head: "File",
      isExtra: true,
      cell: ({ config_path: path, repository_url: url }) => <code title={url}>{path}</code>,
    },
    { id: "branch", head: "Branch", isExtra: true, cell: ({ default_branch: branch }) => branch },
    {
      id: "last",
      head: "Last run",
      cell: ({ id }) => <LastRun run={newest.get(id)} isAll={data?.next_cursor === null} />,
    },
  ];
  return <Table label="Pipelines" columns={columns} rows={pipelines} keyOf={({ id }) => id} />;
}
