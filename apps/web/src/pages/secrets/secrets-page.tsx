import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Project, Secret } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { auditQuery, secretsQuery } from "../../api/queries/settings.ts";
import { READ_WHEN_LOOKED_AT } from "../../api/query.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { Skeleton } from "../../components/skeleton.tsx";
import { Table, type Column } from "../../components/table.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import { OfProject, ProjectSelect, useProjectChoice } from "../../session/project-choice.tsx";
import { useMay } from "../../session/use-may.ts";
import { Page } from "../../shell/page.tsx";
import { bare } from "../approvals/approval-row.tsx";
import { isSecretNamed, scopeOptions, type EditedSecret } from "./edited-secret.ts";
import { lastUses, type LastUse } from "./last-uses.ts";
import { SecretDialog } from "./secret-dialog.tsx";
import styles from "./secrets-page.module.css";

/** So many of the last uses are looked through for when each secret was used. */
const USES = 200;

/** Names and scopes of secrets. They go in, and to jobs; nobody is shown a value. */
export function SecretsPage(): ReactElement {
  const search = useSearch({ from: "/app/settings/secrets" });
  const navigate = useNavigate({ from: "/settings/secrets" });
  const choice = useProjectChoice(search.project);
  const { project } = choice;
  const may = useMay("setSecret", project?.id ?? null);
  const show = (edited: EditedSecret | null): void => {
    const kept = project === null ? {} : { project: project.name };
    const filter = search.environment === undefined ? {} : { environment: search.environment };
    void navigate({ search: { ...kept, ...filter, ...edited } });
  };
  return (
    <Page
      title="Secrets"
      facts="Kept encrypted, given to jobs as variables, masked in their logs. A value is never shown again."
      actions={
        project === null ? undefined : (
          <Button
            kind="primary"
            icon="add"
            disabledReason={may.isAllowed ? null : may.reason}
            onClick={() => show({ edit: "" })}
          >
            New secret
          </Button>
        )
      }
      command={`waybill secrets list ${shellWord(project?.name ?? "PROJECT")}`}
    >
      <div className={styles.project}>
        <ProjectSelect choice={choice} onChange={(name) => void navigate({ search: { project: name } })} />
      </div>
      <OfProject choice={choice}>{(chosen) => <SecretList key={chosen.id} project={chosen} onEdit={show} />}</OfProject>
    </Page>
  );
}

interface SecretListProps {
  readonly project: Project;
  readonly onEdit: (edited: EditedSecret | null) => void;
}

function SecretList({ project, onEdit }: SecretListProps): ReactElement {
  const search = useSearch({ from: "/app/settings/secrets" });
  const may = useMay("listSecrets", project.id);
  const mayAudit = useMay("listAudit", project.id);
  const { data, error, refetch } = useQuery({
    ...secretsQuery(project.id),
    enabled: may.isAllowed,
  });
  const uses = useQuery({
    ...auditQuery({ project_id: project.id, action: "SECRET_ACCESSED", order: "desc", limit: USES }),
    ...READ_WHEN_LOOKED_AT,
    enabled: mayAudit.isAllowed,
  }).data;
  if (!may.isAllowed) {
    return (
      <EmptyState title="The names of this project's secrets are not for everybody">
        <p>{may.reason}</p>
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
  const { environment, edit } = search;
  const shown = data.items.filter((secret) => environment === undefined || secret.environment === environment);
  const used = uses === undefined ? null : lastUses(uses.items);
  const edited = edit === undefined ? null : (data.items.find((secret) => isSecretNamed(secret, search)) ?? null);
  return (
    <>
      {environment === undefined ? null : (
        <p className="row quiet">
          Only those of the environment <Badge icon="environments">{environment}</Badge>
          <Link to="/settings/secrets" search={{ project: project.name }}>
            Show all {data.items.length}
          </Link>
        </p>
      )}
      {shown.length === 0 ? (
        <NoSecrets project={project.name} />
      ) : (
        <Panel title={countOf(shown.length, "secret")} isFlush>
          <Table
            label="Secrets"
            columns={columns({ project, used, isWhole: uses?.next_cursor === null, whyNoUse: mayAudit, onEdit })}
            rows={shown}
            keyOf={({ id }) => id}
          />
        </Panel>
      )}
      {edit === undefined || (edit !== "" && edited === null) ? null : (
        <SecretDialog
          key={edited?.id ?? ""}
          project={project}
          secret={edited}
          environment={environment ?? ""}
          onClose={() => onEdit(null)}
        />
      )}
    </>
  );
}

interface ColumnsOf extends SecretListProps {
  /** Null: not known, or not for this person. */
  readonly used: ReadonlyMap<string, LastUse> | null;
  /** Whether all uses there were have been looked through. */
  readonly isWhole: boolean;
  readonly whyNoUse: ReturnType<typeof useMay>;
}

function columns({ project, used, isWhole, whyNoUse, onEdit }: ColumnsOf): readonly Column<Secret>[] {
  return [
    { id: "name", head: "Secret", isWide: true, cell: ({ name }) => <code title={name}>{name}</code> },
    {
      id: "scope",
      head: "Scope",
      cell: ({ environment, branch }) => (
        <span className={styles.scope}>
          {environment === "" && branch === "" ? <span className="quiet">whole project</span> : null}
          {environment === "" ? null : <Badge icon="environments">{environment}</Badge>}
          {branch === "" ? null : <Badge icon="branch">{branch}</Badge>}
        </span>
      ),
    },
    {
      id: "used",
      head: "Last used",
      isExtra: true,
      cell: ({ name }) => {
        if (!whyNoUse.isAllowed) {
          return (
            <span className="quiet" title={whyNoUse.reason}>
              not for you to see
            </span>
          );
        }
        const use = used?.get(name);
        if (use === undefined)
          return <span className="quiet">{used === null ? "" : isWhole ? "never" : "long ago"}</span>;
        return (
          <Link to="/runs/$id" params={{ id: use.runId }} search={{ job: use.job }}>
            <TimeAgo time={use.time} />
          </Link>
        );
      },
    },
    {
      id: "changed",
      head: "Changed",
      isExtra: true,
      cell: ({ updated_at, updated_by }) => (
        <span className={styles.changed}>
          <TimeAgo time={updated_at} /> by {bare(updated_by)}
        </span>
      ),
    },
    {
      id: "actions",
      head: <span className="unseen">Actions</span>,
      isNumber: true,
      cell: (secret) => <SecretActions project={project} secret={secret} onEdit={onEdit} />,
    },
  ];
}

interface SecretActionsProps extends SecretListProps {
  readonly secret: Secret;
}

function SecretActions({ project, secret, onEdit }: SecretActionsProps): ReactElement {
  const client = useQueryClient();
  const maySet = useMay("setSecret", project.id);
  const mayRemove = useMay("removeSecret", project.id);
  const { name, environment, branch } = secret;
  const remove = useMutation({
    mutationFn: () => call("removeSecret", { params: { id: project.id, name }, query: { environment, branch } }),
    onSuccess: async () => {
      tell("The secret is forgotten", name);
      await client.invalidateQueries({ queryKey: keys.secrets(project.id) });
    },
    onError: (error) => tellError("The secret stays", error),
  });
  const scope = [
    ...(environment === "" ? [] : [`environment ${environment}`]),
    ...(branch === "" ? [] : [`branch ${branch}`]),
  ].join(", ");
  return (
    <span className={styles.actions}>
      <Button
        disabledReason={maySet.isAllowed ? null : maySet.reason}
        data-row=""
        onClick={() =>
          onEdit({
            edit: name,
            ...(environment === "" ? {} : { of: environment }),
            ...(branch === "" ? {} : { branch }),
          })
        }
      >
        Rotate<span className="unseen"> {name}</span>
      </Button>
      <ConfirmButton
        disabledReason={mayRemove.isAllowed ? null : mayRemove.reason}
        label={name}
        title={`Forget ${name}?`}
        effect={`Jobs that begin from now on do not get it: ${scope === "" ? "in all of the project" : scope}. Nobody can bring its value back. Jobs that run keep what they were given.`}
        confirm="Forget the secret"
        command={`waybill secrets remove ${shellWord(project.name)} ${name}${scopeOptions(environment, branch)}`}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutateAsync()}
      >
        Forget
      </ConfirmButton>
    </span>
  );
}

function NoSecrets({ project }: { readonly project: string }): ReactElement {
  return (
    <EmptyState title="No secret is kept here yet">
      <p>A secret goes to the jobs that ask for it by name, and into no log. Keep one, and use it in a step:</p>
      <CodeBlock
        label="the command"
        code={`waybill secrets set ${shellWord(project)} DEPLOY_TOKEN --environment production < token.txt`}
      />
      <CodeBlock
        label="the job"
        code={
          'jobs:\n  ship:\n    deploys_to: production\n    steps:\n      - name: ship\n        environment:\n          TOKEN: "${{ secrets.DEPLOY_TOKEN }}"\n        script: [./ship.sh]'
        }
      />
    </EmptyState>
  );
}
