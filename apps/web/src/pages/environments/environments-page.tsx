import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Environment, Project } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { approvalsQuery } from "../../api/queries/access.ts";
import { environmentsQuery, secretsQuery } from "../../api/queries/settings.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { FactList } from "../../components/fact-list.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { Skeleton } from "../../components/skeleton.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import { OfProject, ProjectSelect, useProjectChoice } from "../../session/project-choice.tsx";
import { useMay } from "../../session/use-may.ts";
import { useUserNames } from "../../session/use-user-names.ts";
import { Page } from "../../shell/page.tsx";
import { bare } from "../approvals/approval-row.tsx";
import { EnvironmentDialog } from "./environment-dialog.tsx";
import styles from "./environments-page.module.css";

/** What jobs have to meet that name an environment: from which branches, and whose word they need. */
export function EnvironmentsPage(): ReactElement {
  const search = useSearch({ from: "/app/environments" });
  const navigate = useNavigate({ from: "/environments" });
  const choice = useProjectChoice(search.project);
  const { project } = choice;
  const may = useMay("createEnvironment", project?.id ?? null);
  const edit = (name: string | null): void => {
    void navigate({
      search: {
        ...(project === null ? {} : { project: project.name }),
        ...(name === null ? {} : { edit: name }),
      },
    });
  };
  return (
    <Page
      title="Environments"
      facts="What a job works on: who may let it, from which branches, with which secrets."
      actions={
        project === null ? undefined : (
          <Button
            kind="primary"
            icon="add"
            disabledReason={may.isAllowed ? null : may.reason}
            onClick={() => edit("+")}
          >
            New environment
          </Button>
        )
      }
      command={`waybill environments list ${shellWord(project?.name ?? "PROJECT")}`}
    >
      <div className={styles.project}>
        <ProjectSelect choice={choice} onChange={(name) => void navigate({ search: { project: name } })} />
      </div>
      <OfProject choice={choice}>
        {(chosen) => <EnvironmentCards key={chosen.id} project={chosen} edited={search.edit ?? null} onEdit={edit} />}
      </OfProject>
    </Page>
  );
}

interface EnvironmentCardsProps {
  readonly project: Project;
  /** Name of the one that is being changed; `+`: of a new one. */
  readonly edited: string | null;
  readonly onEdit: (name: string | null) => void;
}

function EnvironmentCards({ project, edited, onEdit }: EnvironmentCardsProps): ReactElement {
  const { data, error, refetch } = useQuery(environmentsQuery(project.id));
  if (data === undefined) {
    return error === null ? (
      <Skeleton rows={3} height={120} />
    ) : (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    );
  }
  const isNew = edited === "+";
  const changed = data.items.find(({ name }) => name === edited);
  return (
    <>
      {data.items.length === 0 ? (
        <NoEnvironments project={project.name} />
      ) : (
        <ul className={styles.cards}>
          {data.items.map((environment) => (
            <li key={environment.id}>
              <EnvironmentCard environment={environment} project={project} onEdit={() => onEdit(environment.name)} />
            </li>
          ))}
        </ul>
      )}
      {isNew || changed !== undefined ? (
        <EnvironmentDialog
          key={edited}
          project={project}
          environment={isNew ? null : (changed ?? null)}
          onClose={() => onEdit(null)}
        />
      ) : null}
    </>
  );
}

interface EnvironmentCardProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly onEdit: () => void;
}

function EnvironmentCard({ environment, project, onEdit }: EnvironmentCardProps): ReactElement {
  const client = useQueryClient();
  const mayChange = useMay("changeEnvironment", project.id);
  const mayRemove = useMay("removeEnvironment", project.id);
  const mayListSecrets = useMay("listSecrets", project.id);
  const nameOf = useUserNames(project.id);
  const { data: secrets } = useQuery({ ...secretsQuery(project.id), enabled: mayListSecrets.isAllowed });
  const { data: approvals } = useQuery(approvalsQuery());
  const remove = useMutation({
    mutationFn: () => call("removeEnvironment", { params: { id: project.id, name: environment.name } }),
    onSuccess: async () => {
      tell("The environment is gone", environment.name);
      await client.invalidateQueries({ queryKey: keys.environments(project.id) });
      await client.invalidateQueries({ queryKey: keys.approvals });
    },
    onError: (error) => tellError("The environment stays", error),
  });
  const { name, description, branches, required_approvals: required, approvers } = environment;
  const waiting = (approvals?.items ?? []).filter(
    (each) => each.project_id === project.id && each.environment === name,
  ).length;
  const own = secrets?.items.filter((secret) => secret.environment === name).length;
  return (
    <Panel
      title={<span className="wrap">{name}</span>}
      actions={
        <>
          <Button disabledReason={mayChange.isAllowed ? null : mayChange.reason} onClick={onEdit}>
            Change<span className="unseen"> {name}</span>
          </Button>
          <ConfirmButton
            disabledReason={mayRemove.isAllowed ? null : mayRemove.reason}
            label={name}
            title={`Delete ${name}?`}
            effect={`Jobs that name ${name} run without its rules from then on: from any branch, and nobody is asked.${waiting === 0 ? "" : ` ${waiting === 1 ? "1 job that waits for its approval is" : `${waiting} jobs that wait for its approval are`} refused.`} Its secrets stay, and are given to jobs that name it.`}
            confirm="Delete the environment"
            command={`waybill environments delete ${shellWord(project.name)} ${shellWord(name)}`}
            isBusy={remove.isPending}
            onConfirm={() => remove.mutateAsync()}
          >
            Delete
          </ConfirmButton>
        </>
      }
    >
      <div className="stack">
        {description === "" ? null : <p className="wrap">{description}</p>}
        <FactList
          facts={[
            [
              "Branches",
              branches.length === 0 ? (
                "any"
              ) : (
                <span className="row">
                  {branches.map((branch) => (
                    <Badge key={branch} icon="branch">
                      {branch}
                    </Badge>
                  ))}
                </span>
              ),
            ],
            ["Approvals", required === 0 ? "nobody is asked" : `${countOf(required, "person", "people")} for each job`],
            required === 0
              ? null
              : ["Approvers", approvers.length === 0 ? "all with the role approver" : approvers.map(nameOf).join(", ")],
            required === 0
              ? null
              : ["Own changes", environment.prevent_self_approval ? "somebody else has to approve" : "may be approved"],
            own === undefined
              ? null
              : [
                  "Secrets",
                  <Link key="secrets" to="/settings/secrets" search={{ project: project.name, environment: name }}>
                    {own === 0 ? "none of its own" : countOf(own, "secret")}
                  </Link>,
                ],
            [
              "Changed",
              <>
                <TimeAgo time={environment.updated_at} /> by {bare(environment.updated_by)}
              </>,
            ],
          ]}
        />
        {waiting === 0 ? null : (
          <Link to="/approvals" className={styles.waiting}>
            <StatusMark status="person" word={`${countOf(waiting, "job")} waiting for approval`} />
          </Link>
        )}
      </div>
    </Panel>
  );
}

function NoEnvironments({ project }: { readonly project: string }): ReactElement {
  return (
    <EmptyState title="This project has no environment yet">
      <p>
        An environment says who has to approve the jobs that name it, which branches they may come from, and which
        secrets only they get. Make one, and name it at a job:
      </p>
      <CodeBlock
        label="the command"
        code={`waybill environments create ${shellWord(project)} production --branch main --approvals 1`}
      />
      <CodeBlock label="the job" code={"jobs:\n  ship:\n    deploys_to: production"} />
    </EmptyState>
  );
}
