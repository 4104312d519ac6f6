import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { RepositoryCheck } from "../../api/generated/operations.ts";
import { projectQuery } from "../../api/queries/projects.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { Skeleton } from "../../components/skeleton.tsx";
import { useMay } from "../../session/use-may.ts";
import { Page } from "../../shell/page.tsx";
import { CheckResult } from "./check-result.tsx";
import { ConnectForm } from "./connect-form.tsx";
import styles from "./new-project.module.css";

/** From a repository's address to a pipeline: look at what is there, then keep it. */
export function NewProjectPage(): ReactElement {
  const search = useSearch({ from: "/app/projects/new" });
  const navigate = useNavigate({ from: "/projects/new" });
  const projectId = search.project ?? null;
  const project = useQuery({ ...projectQuery(projectId ?? ""), enabled: projectId !== null });
  const newProject = useMay("createProject", null);
  const newPipeline = useMay("createPipeline", projectId);
  const may = projectId === null ? newProject : newPipeline;
  const [url, setUrl] = useState(search.url ?? "");
  const check = useMutation({
    mutationFn: (address: string) =>
      call("checkRepository", {
        body: { repository_url: address, ...(projectId === null ? {} : { project_id: projectId }) },
      }),
  });
  const reason = may.isAllowed ? (url.trim() === "" ? "Give the repository’s address first." : null) : may.reason;
  const look = (): void => {
    if (reason !== null) return;
    const address = url.trim();
    void navigate({ search: (old) => ({ ...old, url: address }), replace: true });
    check.mutate(address);
  };
  const title = projectId === null ? "New project" : `Add a pipeline to ${project.data?.name ?? "the project"}`;
  return (
    <Page
      title={title}
      facts={<Link to="/projects">Projects</Link>}
      command={`waybill connect ${url.trim() === "" ? "<repository>" : shellWord(url.trim())}`}
    >
      <div className={styles.page}>
        <Panel title="1. Where is the repository?">
          <form
            className={styles.address}
            onSubmit={(event) => {
              event.preventDefault();
              look();
            }}
          >
            <TextField
              label="Address"
              placeholder="https://git.example.com/team/shop.git"
              hint="As git clone takes it. What the server has for the host (a token, a key) is used to read it; nothing is kept by looking."
              isCode
              spellCheck={false}
              autoComplete="off"
              autoFocus
              value={url}
              onChange={(event) => {
                setUrl(event.target.value);
                // What was found is that of another address.
                if (!check.isIdle) check.reset();
              }}
            />
            <Button
              kind={check.data === undefined ? "primary" : "plain"}
              type="submit"
              icon="search"
              isBusy={check.isPending}
              disabledReason={reason}
            >
              {check.isPending ? "Looking" : "Look"}
            </Button>
          </form>
          {check.isPending ? <Skeleton rows={2} label="Looking at the repository" /> : null}
          {check.error === null ? null : <ErrorPanel error={check.error} onRetry={look} />}
        </Panel>
        {check.data === undefined ? null : <Found key={check.submittedAt} found={check.data} projectId={projectId} />}
      </div>
    </Page>
  );
}

interface FoundProps {
  readonly found: RepositoryCheck;
  readonly projectId: string | null;
}

function Found({ found, projectId }: FoundProps): ReactElement {
  // One without errors rather than the first one.
  const best = found.files.find(({ error_count }) => error_count === 0) ?? found.files[0];
  const [path, setPath] = useState(best?.path ?? "waybill.yaml");
  return (
    <>
      <Panel title="2. What is in it">
        <CheckResult found={found} path={path} onPath={setPath} />
      </Panel>
      <Panel title="3. What it is called here">
        <ConnectForm key={path} found={found} path={path} onPath={setPath} projectId={projectId} />
      </Panel>
    </>
  );
}
