import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import {
  PERMISSIONS,
  type CreatedToken,
  type Permission,
  type Project,
  type Role,
} from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { projectsQuery } from "../../api/queries/projects.ts";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { CheckField, SelectField, TextField } from "../../components/field.tsx";
import { ShownOnce } from "../../components/shown-once.tsx";
import { TimeUntil } from "../../components/time-ago.tsx";
import styles from "./tokens.module.css";

const FORM = "token";
const DAY_MS = 86_400_000;
const DAYS = [7, 30, 90, 365] as const;
const ROLES: readonly Role[] = ["viewer", "developer", "approver", "admin"];

export interface TokenDialogProps {
  readonly of: { readonly kind: "machine"; readonly project: Project } | { readonly kind: "personal" };
  readonly onClose: () => void;
}

/** Makes a token and shows its text, once. */
export function TokenDialog({ of, onClose }: TokenDialogProps): ReactElement {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [role, setRole] = useState<Role>("developer");
  const [projectId, setProjectId] = useState("");
  const offered = offeredTo(of.kind === "machine" ? role : "admin", of.kind === "machine");
  const [left, setLeft] = useState<ReadonlySet<string>>(initiallyLeft(of.kind));
  const permissions = offered.filter((permission) => !left.has(permission));
  const { data: projects } = useQuery({ ...projectsQuery(), enabled: of.kind === "personal" });
  const [made, setMade] = useState<CreatedToken | null>(null);
  const save = useMutation({
    gcTime: 0,
    mutationFn: () => {
      const body = {
        name: name.trim(),
        permissions,
        expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
      };
      return of.kind === "machine"
        ? call("createMachineToken", { params: { id: of.project.id }, body: { ...body, role } })
        : call("createMyToken", { body: { ...body, project_id: projectId === "" ? null : projectId } });
    },
    onSuccess: async (created) => {
      setMade(created);
      await client.invalidateQueries({
        queryKey: of.kind === "machine" ? keys.machineTokens(of.project.id) : keys.myTokens,
      });
    },
  });
  if (made !== null) {
    return (
      <ShownOnce title={`Token ${made.token.name}`} text={made.text} label="The token" onClose={onClose}>
        <p>
          It ends {made.token.expires_at === null ? "never" : <TimeUntil time={made.token.expires_at} />}. Give it to{" "}
          <code>waybill</code> by standard input or a file, never as an argument:
        </p>
        <CodeBlock
          code={`waybill login --server ${globalThis.location.origin} --token-file token.txt`}
          label="the command"
        />
      </ShownOnce>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="wide"
      title={of.kind === "machine" ? `New machine token of ${of.project.name}` : "New token of your own"}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button
            type="submit"
            form={FORM}
            kind="primary"
            isBusy={save.isPending}
            disabledReason={permissions.length === 0 ? "A token that may nothing is good for nothing." : null}
          >
            Make the token
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
          maxLength={100}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
          {...(of.kind === "machine" ? { pattern: "[a-z0-9][a-z0-9._\\-]{0,63}", isCode: true } : {})}
          hint={
            of.kind === "machine"
              ? "What the audit log calls the program: small letters, digits, dots, dashes."
              : "Where it is used, so that it can be found again."
          }
        />
        <div className={styles.pair}>
          <SelectField
            label="Lives"
            value={days}
            options={DAYS.map((each) => ({ value: String(each), label: `${each} days` }))}
            onChange={(event) => setDays(event.target.value)}
          />
          {of.kind === "machine" ? (
            <SelectField
              label="Role"
              value={role}
              options={ROLES.map((each) => ({ value: each, label: each }))}
              onChange={(event) => setRole(event.target.value as Role)}
            />
          ) : (
            <SelectField
              label="For"
              value={projectId}
              options={[
                { value: "", label: "all my projects" },
                ...(projects?.items ?? []).map((project) => ({ value: project.id, label: project.name })),
              ]}
              onChange={(event) => setProjectId(event.target.value)}
            />
          )}
        </div>
        <fieldset className={styles.permissions}>
          <legend>It may, of what {of.kind === "machine" ? "its role" : "you yourself"} may</legend>
          <div className={styles.list}>
            {offered.map((permission) => (
              <CheckField
                key={permission}
                label={<code>{permission}</code>}
                checked={!left.has(permission)}
                onChange={(event) => {
                  const next = new Set(left);
                  if (event.target.checked) next.delete(permission);
                  else next.add(permission);
                  setLeft(next);
                }}
              />
            ))}
          </div>
        </fieldset>
      </form>
    </Dialog>
  );
}

/** What is not ticked at first: what few people do by token, and what few machines do at all. */
function initiallyLeft(kind: "machine" | "personal"): ReadonlySet<string> {
  const rare = kind === "machine" ? "machine" : "admin";
  return new Set(Object.entries(PERMISSIONS).flatMap(([permission, least]) => (least === rare ? [permission] : [])));
}

/** What a token of a role can have; what machines alone have, and tokens over the whole server, are made on the server. */
function offeredTo(role: Role, isMachine: boolean): readonly Permission[] {
  const most = ROLES.indexOf(role);
  return Object.keys(PERMISSIONS).filter((permission): permission is Permission => {
    const least = PERMISSIONS[permission];
    const rank = ROLES.findIndex((each) => each === least);
    return rank >= 0 ? rank <= most : isMachine && least === "machine";
  });
}
