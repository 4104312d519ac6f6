import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Member, Project, Role } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { membersQuery, usersQuery } from "../../api/queries/settings.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import styles from "./projects.module.css";

const ROLES: readonly (readonly [Role, string])[] = [
  ["viewer", "viewer: sees runs and logs"],
  ["developer", "developer: starts, cancels and reruns, too"],
  ["approver", "approver: approves, too"],
  ["admin", "admin: changes the project, too"],
];

const SUGGESTED = 200;

/** Who may do what in a project. */
export function Members({ project }: { readonly project: Project }): ReactElement {
  const { data, error } = useQuery({ ...membersQuery(project.id), refetchOnWindowFocus: "always" });
  const client = useQueryClient();
  const may = useMay("setMember", project.id);
  const reason = may.isAllowed ? null : may.reason;
  const [leaving, setLeaving] = useState<Member | null>(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: keys.members(project.id) });
  const set = useMutation({
    mutationFn: ({ user, role }: { readonly user: string; readonly role: Role }) =>
      call("setMember", { params: { id: project.id, user }, body: { role } }),
    onSuccess: async ({ user, role }) => {
      tell(`${user} is ${role} now`);
      await refresh();
    },
    onError: (problem) => tellError("The role stays as it was", problem),
  });
  const remove = useMutation({
    mutationFn: ({ user_id: user }: Member) => call("removeMember", { params: { id: project.id, user } }),
    onSuccess: async (_, { user }) => {
      setLeaving(null);
      tell(`${user} has no role in ${project.name} any more`);
      await refresh();
    },
  });
  return (
    <Panel title="Members" actions={data === undefined ? undefined : countOf(data.items.length, "member")} isFlush>
      {data === undefined ? (
        <div className={styles.none}>{error === null ? <Skeleton rows={2} /> : <ErrorPanel error={error} />}</div>
      ) : (
        <ul>
          {data.items.map((member) => (
            <li key={member.user_id} className={styles.member}>
              <span className="cut" title={member.user}>
                {member.user}
              </span>
              <select
                className={styles.role}
                aria-label={`Role of ${member.user}`}
                title={reason ?? undefined}
                disabled={reason !== null}
                value={member.role}
                onChange={(event) => set.mutate({ user: member.user_id, role: event.target.value as Role })}
              >
                {ROLES.map(([role]) => (
                  <option key={role}>{role}</option>
                ))}
              </select>
              <Button
                kind="quiet"
                icon="close"
                label={`Take the role of ${member.user} away`}
                disabledReason={reason}
                onClick={() => setLeaving(member)}
              />
            </li>
          ))}
          {data.items.length === 0 ? (
            <li className={styles.none}>Nobody has a role here: administrators of the server may do everything.</li>
          ) : null}
        </ul>
      )}
      <AddMember key={data?.items.length} reason={reason} onAdd={(user, role) => set.mutate({ user, role })} />
      <Dialog
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        title={`Take ${leaving?.user ?? ""} out of ${project.name}?`}
        actions={
          <>
            <Button onClick={() => setLeaving(null)}>Keep the role</Button>
            <Button
              kind="danger"
              isBusy={remove.isPending}
              onClick={() => (leaving === null ? undefined : remove.mutate(leaving))}
            >
              Take it away
            </Button>
          </>
        }
      >
        <p>
          They no longer see the project, its runs and logs, and cannot approve what waits. Their earlier runs and
          decisions stay on record.
        </p>
        {remove.error === null ? null : <ErrorPanel error={remove.error} />}
      </Dialog>
    </Panel>
  );
}

interface AddMemberProps {
  readonly reason: string | null;
  readonly onAdd: (user: string, role: Role) => void;
}

function AddMember({ reason, onAdd }: AddMemberProps): ReactElement {
  const id = useId();
  const [user, setUser] = useState("");
  const [role, setRole] = useState<Role>("developer");
  // Whoever may not list users still knows whom they want.
  const users = useQuery({ ...usersQuery({ limit: SUGGESTED }), enabled: useMay("listUsers", null).isAllowed });
  return (
    <form
      className={styles.add}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason === null && user.trim() !== "") onAdd(user.trim(), role);
      }}
    >
      <TextField
        label="Add a user"
        list={id}
        placeholder="name"
        autoComplete="off"
        spellCheck={false}
        maxLength={128}
        value={user}
        onChange={(event) => setUser(event.target.value)}
      />
      <datalist id={id}>
        {(users.data?.items ?? []).map(({ id: userId, name }) => (
          <option key={userId} value={name} />
        ))}
      </datalist>
      <SelectField
        label="as"
        value={role}
        onChange={(event) => setRole(event.target.value as Role)}
        options={ROLES.map(([value, label]) => ({ value, label }))}
      />
      <Button type="submit" disabledReason={reason ?? (user.trim() === "" ? "Say whom." : null)}>
        Add
      </Button>
    </form>
  );
}
