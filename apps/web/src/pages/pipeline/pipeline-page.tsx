import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Pipeline } from "../../api/generated/operations.ts";
import { pipelineQuery, projectQuery } from "../../api/queries/projects.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { RunHistory } from "../../components/run-history.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { Skeleton } from "../../components/skeleton.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { useMay } from "../../session/use-may.ts";
import { Page } from "../../shell/page.tsx";
import { useKey } from "../../shell/use-key.ts";
import { DefinitionView } from "./definition-view.tsx";
import { HookSetup } from "./hook-setup.tsx";
import { NoRuns } from "./no-runs.tsx";
import { PipelineSettings } from "./pipeline-settings.tsx";
import { DEFAULT_RANGE, filterOf, type PipelineSearch, type PipelineTab } from "./pipeline-search.ts";
import { StartRun } from "./start-run.tsx";
import { Trends } from "./trends.tsx";
import styles from "./pipeline-page.module.css";

/** How a pipeline does: its trends and runs; its file with graph and problems; how it hears of pushes. */
export function PipelinePage(): ReactElement {
  const { id } = useParams({ from: "/app/pipelines/$id" });
  const { data, error, refetch } = useQuery(pipelineQuery(id));
  if (data === undefined) {
    return (
      <Page title="Pipeline">
        {error === null ? <Skeleton rows={6} /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  }
  return <LoadedPipeline pipeline={data} />;
}

const COMMANDS: Readonly<Record<PipelineTab, (name: string, pipeline: Pipeline) => string>> = {
  runs: (name) => `waybill list runs --pipeline ${name}`,
  definition: (_, { config_path: path }) => `waybill lint ${path} && waybill graph ${path}`,
  hook: () => "waybill hook post-receive --help",
  settings: () => "waybill list pipelines",
};

function LoadedPipeline({ pipeline }: { readonly pipeline: Pipeline }): ReactElement {
  const search = useSearch({ from: "/app/pipelines/$id" });
  const navigate = useNavigate({ from: "/pipelines/$id" });
  const { data: project } = useQuery(projectQuery(pipeline.project_id));
  const may = useMay("triggerRun", pipeline.project_id);
  const { tab = "runs" } = search;
  const change = (changes: Partial<Record<keyof PipelineSearch, string | undefined>>): void => {
    void navigate({ search: (old) => ({ ...old, ...changes }) as PipelineSearch, resetScroll: false });
  };
  const open = (next: PipelineTab): void => change({ tab: next === "runs" ? undefined : next });
  const reason = may.isAllowed ? null : may.reason;
  useKey("s", "Start a run", reason === null ? () => change({ start: "yes" }) : null);
  useKey("d", "Definition", () => open(tab === "definition" ? "runs" : "definition"));
  const name = project === undefined ? pipeline.name : `${project.name}/${pipeline.name}`;
  return (
    <Page
      title={pipeline.name}
      facts={
        <>
          <Link to="/projects/$id" params={{ id: pipeline.project_id }}>
            {project?.name ?? "project"}
          </Link>
          <span className="cut" title={pipeline.repository_url}>
            {pipeline.repository_url}
          </span>
          <Badge icon="branch" title="The default branch">
            {pipeline.default_branch}
          </Badge>
          <code>{pipeline.config_path}</code>
        </>
      }
      actions={
        <Button kind="primary" icon="play" disabledReason={reason} onClick={() => change({ start: "yes" })}>
          Start a run
        </Button>
      }
      command={COMMANDS[tab](shellWord(name), pipeline)}
    >
      <Tabs
        label="Of this pipeline"
        tabs={[
          { id: "runs", label: "Runs" },
          { id: "definition", label: "Definition" },
          { id: "hook", label: "Hook" },
          { id: "settings", label: "Settings" },
        ]}
        value={tab}
        onChange={open}
      >
        {tab === "runs" ? (
          <div className={styles.runs}>
            <Trends
              pipelineId={pipeline.id}
              days={search.days ?? DEFAULT_RANGE}
              onDays={(days) => change({ days: days === DEFAULT_RANGE ? undefined : days })}
            />
            <RunHistory
              filter={filterOf(search)}
              onChange={(filter) =>
                change({
                  status: undefined,
                  branch: undefined,
                  ref: undefined,
                  trigger: undefined,
                  cursor: undefined,
                  ...filter,
                })
              }
              pipelineId={pipeline.id}
              none={<NoRuns pipeline={pipeline} onHook={() => open("hook")} />}
            />
          </div>
        ) : null}
        {tab === "definition" ? (
          <DefinitionView pipeline={pipeline} at={search.at} onAt={(at) => change({ at })} />
        ) : null}
        {tab === "hook" ? <HookSetup pipeline={pipeline} /> : null}
        {tab === "settings" ? <PipelineSettings pipeline={pipeline} /> : null}
      </Tabs>
      {search.start === "yes" ? (
        <StartRun pipeline={pipeline} name={name} at={search.at} onClose={() => change({ start: undefined })} />
      ) : null}
    </Page>
  );
}
