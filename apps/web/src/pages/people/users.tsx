import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { SignInLink, User } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { meQuery } from "../../api/queries/access.ts";
import { usersQuery } from "../../api/queries/settings.ts";
import { READ_WHEN_LOOKED_AT } from "../../api/query.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { CheckField, TextField } from "../../components/field.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { ShownOnce } from "../../components/shown-once.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { Table, type Column } from "../../components/table.tsx";
import { TimeAgo, TimeUntil } from "../../components/time-ago.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import { UserActions } from "./user-actions.tsx";
import styles from "./people-page.module.css";

const SHOWN = 100;
const FORM = "user";

interface Invitation {
  readonly user: User;
  readonly link: SignInLink;
}

export interface UsersProps {
  readonly isNew: boolean;
  readonly onNew: (isNew: boolean) => void;
}

/** All users of the server: made here, let in by a link that works once. */
export function Users({ isNew, onNew }: UsersProps): ReactElement {
  const search = useSearch({ from: "/app/settings/people" });
  const navigate = useNavigate({ from: "/settings/people" });
  const may = useMay("listUsers", null);
  const { data: me } = useQuery(meQuery());
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const { data, error, refetch } = useQuery({
    ...usersQuery({ limit: SHOWN, ...(search.cursor === undefined ? {} : { cursor: search.cursor }) }),
    ...READ_WHEN_LOOKED_AT,
    enabled: may.isAllowed,
    placeholderData: keepPreviousData,
  });
  const invite = useMutation({
    mutationFn: async (user: User) => ({ user, link: await call("createSignInLink", { params: { id: user.id } }) }),
    onSuccess: setInvitation,
    onError: (problem) => tellError("There is no link", problem),
  });
  if (!may.isAllowed) {
    return (
      <EmptyState title="Users are the whole server's">
        <p>{may.reason} Who works on your projects is under “Roles in a project”.</p>
      </EmptyState>
    );
  }
  const columns: readonly Column<User>[] = [
    {
      id: "name",
      head: "User",
      isWide: true,
      cell: ({ id, name, display_name }) => (
        <span title={name}>
          <strong className={styles.user}>{name}</strong> <span className="quiet">{display_name}</span>{" "}
          {id === me?.id ? <Badge tone="accent">you</Badge> : null}
        </span>
      ),
    },
    {
      id: "state",
      head: "State",
      cell: ({ disabled_at, server_admin }) => (
        <span className={styles.state}>
          {disabled_at === null ? null : <StatusMark status="cancelled" word="disabled" size={14} />}
          {server_admin ? <Badge tone="person">administrator</Badge> : null}
        </span>
      ),
    },
    {
      id: "signs",
      head: "Signs in by",
      isExtra: true,
      cell: ({ has_password, email }) => (
        <span className={styles.may}>
          {[...(has_password ? ["password"] : []), ...(email === null ? [] : [email])].join(", ") || "link only"}
        </span>
      ),
    },
    {
      id: "made",
      head: "Made",
      isExtra: true,
      isNumber: true,
      cell: ({ created_at }) => (
        <span className="quiet">
          <TimeAgo time={created_at} />
        </span>
      ),
    },
    {
      id: "actions",
      head: <span className="unseen">Actions</span>,
      isNumber: true,
      cell: (user) => <UserActions user={user} isMe={user.id === me?.id} onInvite={() => invite.mutate(user)} />,
    },
  ];
  return (
    <>
      <Panel
        title="Users"
        actions={
          <Button kind="primary" icon="add" onClick={() => onNew(true)}>
            New user
          </Button>
        }
        isFlush
      >
        {data === undefined ? (
          <div className={styles.inside}>
            {error === null ? (
              <Skeleton rows={5} height={30} />
            ) : (
              <ErrorPanel error={error} onRetry={() => void refetch()} />
            )}
          </div>
        ) : (
          <Table label="Users" columns={columns} rows={data.items} keyOf={({ id }) => id} />
        )}
        <Pager
          back="Back"
          next="More"
          onBack={search.cursor === undefined ? null : () => globalThis.history.back()}
          onNext={
            typeof data?.next_cursor === "string"
              ? () => void navigate({ search: (old) => ({ ...old, cursor: data.next_cursor ?? "" }) })
              : null
          }
        />
      </Panel>
      {isNew ? (
        <UserDialog
          onClose={() => onNew(false)}
          onMade={(user) => {
            onNew(false);
            invite.mutate(user);
          }}
        />
      ) : null}
      {invitation === null ? null : (
        <ShownOnce
          title={`Link for ${invitation.user.name}`}
          text={globalThis.location.origin + invitation.link.path}
          label="The link"
          onClose={() => setInvitation(null)}
        >
          <p>
            Whoever opens it signs in as {invitation.user.name}: once, and{" "}
            <TimeUntil time={invitation.link.expires_at} /> at the latest. Send it by a way that only they read.
          </p>
        </ShownOnce>
      )}
    </>
  );
}

interface UserDialogProps {
  readonly onClose: () => void;
  readonly onMade: (user: User) => void;
}

function UserDialog({ onClose, onMade }: UserDialogProps): ReactElement {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [email, setEmail] = useState("");
  const [isAdmin, setAdmin] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      call("createUser", {
        body: {
          name: name.trim(),
          display_name: displayName.trim(),
          ...(email.trim() === "" ? {} : { email: email.trim() }),
          server_admin: isAdmin,
        },
      }),
    onSuccess: async (user) => {
      tell("The user is made", user.name);
      await client.invalidateQueries({ queryKey: keys.users });
      onMade(user);
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
      title="New user"
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" form={FORM} kind="primary" isBusy={save.isPending}>
            Make the user and a link
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={submit} className="stack">
        {save.error === null ? null : <ErrorPanel error={save.error} />}
        <TextField
          label="Name"
          required
          autoFocus
          value={name}
          maxLength={128}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
          hint="Small letters, digits and . _ - + @; as the audit log names them."
        />
        <TextField
          label="Full name"
          value={displayName}
          autoComplete="off"
          onChange={(event) => setDisplayName(event.target.value)}
        />
        <TextField
          label="E-mail address"
          type="email"
          value={email}
          autoComplete="off"
          onChange={(event) => setEmail(event.target.value)}
          hint="Where the organisation's identity provider knows them by it, they sign in through that."
        />
        <CheckField
          label="Administers the whole server"
          checked={isAdmin}
          onChange={(event) => setAdmin(event.target.checked)}
        />
      </form>
    </Dialog>
  );
}
