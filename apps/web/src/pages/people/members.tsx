import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Member, Project, Role } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { meQuery } from "../../api/queries/access.ts";
import { membersQuery, usersQuery } from "../../api/queries/settings.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Table, type Column } from "../../components/table.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import { ROLE_WORDS, ROLES } from "./role-words.ts";
import styles from "./people-page.module.css";

const FORM = "member";
const SUGGESTED = 200;

export interface MembersProps {
  readonly project: Project;
  readonly isNew: boolean;
  readonly onNew: (isNew: boolean) => void;
}

/** Who has which role in a project. */
export function Members({ project, isNew, onNew }: MembersProps): ReactElement {
  const may = useMay("setMember", project.id);
  const { data: me } = useQuery(meQuery());
  const { data, error, refetch } = useQuery(membersQuery(project.id));
  const columns: readonly Column<Member>[] = [
    {
      id: "user",
      head: "User",
      isWide: true,
      cell: ({ user, user_id }) => (
        <span title={user}>
          {user} {user_id === me?.id ? <Badge tone="accent">you</Badge> : null}
        </span>
      ),
    },
    {
      id: "role",
      head: "Role",
      cell: (member) => <RoleSelect project={project} member={member} reason={may.isAllowed ? null : may.reason} />,
    },
    {
      id: "may",
      head: "May",
      isExtra: true,
      cell: ({ role }) => <span className={styles.may}>{ROLE_WORDS[role]}</span>,
    },
    {
      id: "actions",
      head: <span className="unseen">Actions</span>,
      isNumber: true,
      cell: (member) => <RemoveMember project={project} member={member} isMe={member.user_id === me?.id} />,
    },
  ];
  return (
    <>
      <Panel
        title={data === undefined ? "People" : countOf(data.items.length, "person", "people")}
        actions={
          <Button
            kind="primary"
            icon="add"
            disabledReason={may.isAllowed ? null : may.reason}
            onClick={() => onNew(true)}
          >
            Give a role
          </Button>
        }
        isFlush
      >
        {data === undefined ? (
          <div className={styles.inside}>
            {error === null ? (
              <Skeleton rows={4} height={30} />
            ) : (
              <ErrorPanel error={error} onRetry={() => void refetch()} />
            )}
          </div>
        ) : data.items.length === 0 ? (
          <div className={styles.inside}>
            <EmptyState title="Nobody has a role in this project">
              <p>Administrators of the server may do everything here. Give a role to whoever works on it.</p>
            </EmptyState>
          </div>
        ) : (
          <Table label="People" columns={columns} rows={data.items} keyOf={({ user_id }) => user_id} />
        )}
      </Panel>
      {isNew && may.isAllowed ? <MemberDialog project={project} onClose={() => onNew(false)} /> : null}
    </>
  );
}

interface RoleSelectProps {
  readonly project: Project;
  readonly member: Member;
  /** Why it cannot be changed. */
  readonly reason: string | null;
}

function RoleSelect({ project, member, reason }: RoleSelectProps): ReactElement {
  const client = useQueryClient();
  const { user, role } = member;
  const change = useMutation({
    mutationFn: (next: Role) =>
      call("setMember", { params: { id: project.id, user: member.user_id }, body: { role: next } }),
    onSuccess: ({ role: now }) => tell(`${user} is ${now} now`, ROLE_WORDS[now]),
    onError: (error) => tellError(`${user} keeps the role`, error),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: keys.members(project.id) });
      await client.invalidateQueries({ queryKey: keys.me });
    },
  });
  if (reason !== null) {
    return <Badge title={reason}>{role}</Badge>;
  }
  return (
    <select
      className={styles.role}
      aria-label={`Role of ${user}`}
      value={change.isPending ? change.variables : role}
      onChange={(event) => change.mutate(event.target.value as Role)}
    >
      {ROLES.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  );
}

interface RemoveMemberProps {
  readonly project: Project;
  readonly member: Member;
  readonly isMe: boolean;
}

function RemoveMember({ project, member, isMe }: RemoveMemberProps): ReactElement {
  const client = useQueryClient();
  const may = useMay("removeMember", project.id);
  const remove = useMutation({
    mutationFn: () => call("removeMember", { params: { id: project.id, user: member.user_id } }),
    onSuccess: async () => {
      tell("The role is taken away", member.user);
      await client.invalidateQueries({ queryKey: keys.members(project.id) });
      await client.invalidateQueries({ queryKey: keys.me });
    },
    onError: (error) => tellError("The role stays", error),
  });
  return (
    <ConfirmButton
      disabledReason={may.isAllowed ? null : may.reason}
      label={member.user}
      title={`Take ${isMe ? "your own" : `${member.user}'s`} role away?`}
      effect={
        isMe
          ? `You do not see ${project.name} any more from then on, unless you administer the server.`
          : `${member.user} does not see ${project.name} any more from then on, and personal tokens of ${member.user} are worth nothing in it.`
      }
      confirm="Take the role away"
      isBusy={remove.isPending}
      onConfirm={() => remove.mutateAsync()}
    >
      Remove
    </ConfirmButton>
  );
}

function MemberDialog({ project, onClose }: { readonly project: Project; readonly onClose: () => void }): ReactElement {
  const client = useQueryClient();
  const listId = useId();
  const mayList = useMay("listUsers", null);
  const { data: users } = useQuery({ ...usersQuery({ limit: SUGGESTED }), enabled: mayList.isAllowed });
  const [user, setUser] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const save = useMutation({
    mutationFn: () =>
      call("setMember", { params: { id: project.id, user: user.trim().toLowerCase() }, body: { role } }),
    onSuccess: async (member) => {
      tell(`${member.user} is ${member.role} now`, ROLE_WORDS[member.role]);
      await client.invalidateQueries({ queryKey: keys.members(project.id) });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Give a role in ${project.name}`}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" form={FORM} kind="primary" isBusy={save.isPending}>
            Give the role
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={submit} className="stack">
        {save.error === null ? null : <ErrorPanel error={save.error} />}
        <TextField
          label="User"
          required
          autoFocus
          list={listId}
          value={user}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setUser(event.target.value)}
          hint="The name of a user of this server. An administrator of the server makes new ones."
        />
        <datalist id={listId}>
          {(users?.items ?? []).map(({ id, name, display_name }) => (
            <option key={id} value={name} label={display_name} />
          ))}
        </datalist>
        <SelectField
          label="Role"
          value={role}
          options={ROLES.map((each) => ({ value: each, label: each }))}
          onChange={(event) => setRole(event.target.value as Role)}
          hint={ROLE_WORDS[role]}
        />
      </form>
    </Dialog>
  );
}
